#include "listing.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace mcpr::sqlite {
namespace {

namespace json = boost::json;

std::string url_of(const reader::Instance& instance) {
  const bool v6 = instance.host.find(':') != std::string::npos;
  return (instance.tls ? "https://" : "http://") + (v6 ? "[" + instance.host + "]" : instance.host) + ":" +
         std::to_string(instance.port) + instance.path;
}

// A whole number where it is one.
json::value weight_value(const reader::Instance& instance) {
  if (instance.weight_milli % 1000 == 0) return instance.weight_milli / 1000;
  return instance.weight_milli / 1000.0;
}

std::string weight_of(const reader::Instance& instance) {
  std::string text = std::to_string(instance.weight_milli / 1000);
  if (const std::uint32_t rest = instance.weight_milli % 1000) {
    text += "." + std::to_string(1000 + rest).substr(1);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

std::string state_of(const reader::Service& service) {
  if (!service.enabled) return "disabled";
  return service.unroutable.empty() ? "enabled" : "faulty";
}

std::vector<std::string> addresses(const reader::Service& service) {
  std::vector<std::string> out;
  for (const reader::Instance& instance : service.instances) {
    std::string line = url_of(instance);
    if (instance.transport == MCPR_TRANSPORT_SSE) line += " (SSE)";
    if (instance.weight_milli != 1000) line += " weight " + weight_of(instance);
    if (!instance.zone.empty()) line += " zone " + instance.zone;
    if (!instance.enabled) line += " disabled";
    out.push_back(std::move(line));
  }
  if (!service.lookup.empty()) out.push_back(service.lookup);
  return out;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

}  // namespace

std::string list_text(const std::vector<Listed>& services) {
  std::size_t width = 0;
  for (const Listed& at : services) width = std::max(width, at.entry.service.name.size());
  std::string out;
  for (const Listed& at : services) {
    std::vector<std::string> lines = addresses(at.entry.service);
    const std::string owner = "service '" + at.entry.service.name + "': ";
    for (const std::string& note : at.entry.notes) {
      lines.push_back("! " + (note.starts_with(owner) ? note.substr(owner.size()) : note));
    }
    if (lines.empty()) lines.emplace_back();
    std::string left = padded(at.entry.service.name, width) + "  " + padded(state_of(at.entry.service), 8) + "  ";
    for (const std::string& line : lines) {
      out += left + line;
      out.erase(out.find_last_not_of(' ') + 1);
      out += "\n";
      left = std::string(left.size(), ' ');
    }
  }
  return out;
}

std::string list_json(const std::vector<Listed>& services) {
  json::array out;
  for (const Listed& at : services) {
    const reader::Service& service = at.entry.service;
    json::object one{{"name", service.name},
                     {"table", at.table},
                     {"enabled", service.enabled},
                     {"description", service.description},
                     {"version", service.version},
                     {"protocol", service.protocol},
                     {"tags", json::array(service.tags.begin(), service.tags.end())}};
    json::array instances;
    for (const reader::Instance& instance : service.instances) {
      instances.push_back({{"url", url_of(instance)},
                           {"transport", instance.transport == MCPR_TRANSPORT_SSE ? "sse" : "streamable-http"},
                           {"weight", weight_value(instance)},
                           {"zone", instance.zone},
                           {"enabled", instance.enabled}});
    }
    one["instances"] = std::move(instances);
    if (!service.lookup.empty()) one["endpoint"] = service.lookup;
    if (!service.unroutable.empty()) one["unroutable"] = service.unroutable;
    out.push_back(std::move(one));
  }
  return json::serialize(out) + "\n";
}

}  // namespace mcpr::sqlite
