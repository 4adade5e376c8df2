// What Nacos sends, read as each of the forms that it may have and made into services: any bytes give services or
// errors.
#include <cstdint>
#include <set>
#include <string_view>
#include <tuple>

#include "plugins/discovery-nacos/model/mcp_service.hpp"
#include "plugins/discovery-nacos/model/naming_service.hpp"
#include "tests/fuzz/check_service.hpp"

namespace mcpr::nacos {
namespace {

void check(const Mapped& mapped) {
  fuzz::check(mapped.service);
  std::set<std::tuple<std::string, std::uint16_t, std::string, bool>> places;
  for (const sdk::Instance& at : mapped.service.instances) {
    fuzz::require(places.emplace(at.host, at.port, at.path, at.tls).second, "no two instances are at one place");
  }
  if (mapped.service.options.empty()) return;
  Json options;
  std::string error;
  fuzz::require(parse_json(mapped.service.options, options, error), "options are JSON");
}

void check_documents(std::string_view text) {
  Summary summary;
  Server server;
  std::string error;
  if (!read_versions_document(text, summary, error)) fuzz::require(!error.empty(), "errors have a text");
  if (!read_server_document(text, "public", server, error)) return fuzz::require(!error.empty(), "errors have a text");
  read_tools_document(text, server, error);
  const std::vector<Host> hosts{{.ip = "10.0.0.1", .port = 80}};
  check(to_service(server, [&](const ServiceKey&) { return &hosts; }));
  check(to_service(server, [](const ServiceKey&) -> const std::vector<Host>* { return nullptr; }));
  // What is wanted is what is asked for.
  const std::vector<ServiceKey> wanted = wanted_services(server);
  to_service(server, [&](const ServiceKey& key) -> const std::vector<Host>* {
    fuzz::require(std::find(wanted.begin(), wanted.end(), key) != wanted.end(), "only what is wanted is asked for");
    return nullptr;
  });
}

void check_answers(const Json& value) {
  std::string error;
  ListPage page;
  if (read_list(value, page, error)) {
    for (const Summary& item : page.items) fuzz::require(!item.id.empty() || !item.name.empty(), "items are named");
  }
  Detail detail;
  if (read_detail(value, "public", detail, error)) check(to_service(detail));
  ServiceNames names;
  if (read_service_names(value, "G", names, error)) fuzz::require(names.names.size() <= names.items, "names are items");
  ServiceInfo info;
  if (!read_service_info(value, info, error)) return;
  for (const bool v3 : {false, true}) {
    const NamingRules rules{"mcp-streamable", v3, {}};
    const auto mapped = to_service({"public", "G", v3 ? "virtual-x" : "x::1"}, info.hosts, rules, nullptr);
    if (mapped) check(*mapped);
  }
}

}  // namespace
}  // namespace mcpr::nacos

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  mcpr::nacos::check_documents(text);
  mcpr::nacos::Json value;
  std::string error;
  if (mcpr::nacos::parse_json(text, value, error)) mcpr::nacos::check_answers(value);
  return 0;
}
