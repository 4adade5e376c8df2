#include "import.hpp"

#include "command_line.hpp"

namespace mcpr::sqlite {
namespace {

// NULL, and the escapes \n \t \\ \0.
Text field_of(std::string_view raw) {
  if (raw == "NULL") return std::nullopt;
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\' || i + 1 == raw.size()) {
      text += raw[i];
      continue;
    }
    const char escaped = raw[++i];
    text += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped == '0' ? '\0' : escaped;
  }
  return text;
}

}  // namespace

std::vector<ServiceRow> read_exported(std::string_view text) {
  std::vector<ServiceRow> rows;
  for (std::size_t line = 1; !text.empty(); ++line) {
    std::string_view rest = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(rest.size() + 1, text.size()));
    if (rest.empty()) continue;
    std::vector<Text> fields;
    for (bool more = true; more;) {
      const std::size_t tab = rest.find('\t');
      more = tab != std::string_view::npos;
      fields.push_back(field_of(rest.substr(0, tab)));
      if (more) rest.remove_prefix(tab + 1);
    }
    const std::string where = "line " + std::to_string(line) + ": ";
    if (fields.size() != 7) {
      throw UsageError(where + "expected 7 columns divided by tabs (name, description, protocol, version, endpoint, " +
                       "enabled, tags), found " + std::to_string(fields.size()));
    }
    if (!fields[0] || fields[0]->empty()) throw UsageError(where + "the name is empty");
    ServiceRow row;
    row.name = *fields[0];
    row.description = fields[1];
    row.protocol = fields[2];
    row.version = fields[3];
    row.endpoint = fields[4];
    row.enabled = fields[5].value_or("0");
    row.tags = fields[6];
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace mcpr::sqlite
