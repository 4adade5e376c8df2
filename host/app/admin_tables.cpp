#include "host/app/admin_tables.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace mcpr::app {

namespace json = boost::json;

namespace {

// Control characters would move the cursor of who reads them.
std::string shown(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

std::string text(const json::object& object, std::string_view key) {
  const json::value* at = object.if_contains(key);
  if (!at || at->is_null()) return {};
  if (at->is_string()) return shown(std::string_view(at->get_string().data(), at->get_string().size()));
  if (at->is_bool()) return at->get_bool() ? "yes" : "no";
  if (at->is_array()) {
    std::string out;
    for (const json::value& item : at->get_array()) {
      if (!out.empty()) out += ", ";
      out += item.is_string() ? shown(std::string_view(item.get_string().data(), item.get_string().size()))
                              : json::serialize(item);
    }
    return out;
  }
  return json::serialize(*at);
}

bool flag(const json::object& object, std::string_view key) {
  const json::value* at = object.if_contains(key);
  return at && at->is_bool() && at->get_bool();
}

template <class F>
void each(const json::value* list, F&& f) {
  if (!list || !list->is_array()) return;
  for (const json::value& at : list->get_array()) {
    if (at.is_object()) f(at.get_object());
  }
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void add_line(std::string& out, std::string_view name, const std::string& value) {
  if (!value.empty())
    out.append(name).append(std::max<std::size_t>(name.size(), 14) - name.size(), ' ') += value + "\n";
}

std::string instances_table(const json::value* instances) {
  std::vector<std::vector<std::string>> rows{
      {"INSTANCE", "ADDRESS", "PATH", "TRANSPORT", "ERAS", "WEIGHT", "HEALTHY", "ENABLED"}};
  each(instances, [&](const json::object& at) {
    rows.push_back({text(at, "id"), (flag(at, "tls") ? "https://" : "http://") + text(at, "address"), text(at, "path"),
                    text(at, "transport"), text(at, "eras"), text(at, "weight"), text(at, "healthy"),
                    text(at, "enabled")});
  });
  return rows.size() > 1 ? table(rows) : "";
}

}  // namespace

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    std::size_t at = 0, want = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line.append(want - at, ' ') += row[i];
      at = want + columns_of(row[i]);
      want += widths[i] + 2;
    }
    line.resize(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string plugins_table(const json::value& plugins) {
  std::vector<std::vector<std::string>> rows{{"FILE", "STATE", "ID", "VERSION", "KINDS", "REMARK"}};
  each(&plugins, [&](const json::object& at) {
    std::string remark = text(at, "reason");
    if (const std::string warnings = text(at, "warnings"); !warnings.empty()) {
      remark += (remark.empty() ? "warning: " : "; warning: ") + warnings;
    }
    rows.push_back(
        {text(at, "file"), text(at, "state"), text(at, "id"), text(at, "version"), text(at, "kinds"), remark});
  });
  return table(rows);
}

std::string sources_table(const json::value& sources) {
  std::vector<std::vector<std::string>> rows{{"SOURCE", "PLUGIN", "STATE", "SERVICES", "REMARK"}};
  each(&sources, [&](const json::object& at) {
    std::string remark = text(at, "text");
    if (flag(at, "retired")) remark += remark.empty() ? "being replaced" : "; being replaced";
    rows.push_back({text(at, "name"), text(at, "plugin"), text(at, "state"), text(at, "services"), remark});
  });
  return table(rows);
}

std::string services_table(const json::value& services) {
  std::vector<std::vector<std::string>> rows{{"SERVICE", "SOURCE", "VERSION", "PROTOCOL", "INSTANCES", "REMARK"}};
  const json::object* all = services.if_object();
  each(all ? all->if_contains("services") : nullptr, [&](const json::object& at) {
    rows.push_back({text(at, "name"), text(at, "source"), text(at, "version"), text(at, "protocol"),
                    text(at, "instances"), text(at, "reason")});
  });
  std::string out = table(rows);
  each(all ? all->if_contains("problems") : nullptr, [&](const json::object& at) {
    out += "refused: " + text(at, "service") + " of " + text(at, "source") + ": " + text(at, "reason") + "\n";
  });
  return out;
}

std::string service_page(const json::value& service) {
  const json::object* at = service.if_object();
  if (!at) return {};
  std::string out;
  add_line(out, "service", text(*at, "name"));
  for (const char* key : {"source", "version", "protocol", "description", "tags", "lookup", "reason"}) {
    add_line(out, key, text(*at, key));
  }
  out += instances_table(at->if_contains("instances"));
  std::string hidden;
  each(at->if_contains("tools"), [&](const json::object& tool) {
    if (!flag(tool, "enabled")) hidden += (hidden.empty() ? "" : ", ") + text(tool, "name");
  });
  add_line(out, "hidden tools", hidden);
  std::vector<std::vector<std::string>> said{{"SOURCE", "USED", "VERSION", "INSTANCES", "CHANGED", "REMARK"}};
  each(at->if_contains("statements"), [&](const json::object& statement) {
    const json::value* inside = statement.if_contains("service");
    const json::object none;
    const json::object& of = inside && inside->is_object() ? inside->get_object() : none;
    const json::value* instances = of.if_contains("instances");
    const std::string problem = text(statement, "problem");
    said.push_back({text(statement, "source"), text(statement, "used"), text(of, "version"),
                    std::to_string(instances && instances->is_array() ? instances->get_array().size() : 0),
                    text(statement, "changed"), problem.empty() ? text(of, "reason") : problem});
  });
  return out + "\n" + table(said);
}

}  // namespace mcpr::app
