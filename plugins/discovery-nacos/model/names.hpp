// How things are called in Nacos: namespaces, services, config documents, and the names that the MCP registry and
// mcp-router-v3 derive from each other.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcpr::nacos {

inline constexpr std::string_view kPublic = "public";
inline constexpr std::string_view kDefaultGroup = "DEFAULT_GROUP";
inline constexpr std::string_view kVersionsGroup = "mcp-server-versions";
inline constexpr std::string_view kServerGroup = "mcp-server";
inline constexpr std::string_view kToolsGroup = "mcp-tools";
inline constexpr std::string_view kEndpointsGroup = "mcp-endpoints";  // services that the registry made itself

struct ServiceKey {
  std::string ns;
  std::string group;
  std::string name;
  auto operator<=>(const ServiceKey&) const = default;
  std::string str() const;  // name@GROUP, and the namespace where it is not public
};

struct ConfigKey {
  std::string ns;
  std::string group;
  std::string data_id;
  auto operator<=>(const ConfigKey&) const = default;
  std::string str() const;  // dataId@GROUP, and the namespace where it is not public
};

// The public namespace is also written as an empty text; here it is always `public`.
std::string normal_namespace(std::string_view ns);
// As config requests spell it: servers before 3.0 know the public one only as an empty text.
std::string tenant_of(std::string_view ns);

// The documents of one MCP server.
std::string versions_document(std::string_view id);
std::string server_document(std::string_view id, std::string_view version);
std::string tools_document(std::string_view id, std::string_view version);
// The id in the name of a versions document; empty where it is none.
std::string_view id_of_versions_document(std::string_view data_id);

// `dataId+group+tenant` as fuzzy watches name a config document; the tenant may be missing.
std::optional<ConfigKey> parse_group_key(std::string_view group_key);

// The id that mcp-router-v3 gives a server: the name-based UUID (version 3) of its name, without a namespace.
std::string uuid_of_name(std::string_view name);
std::string md5_hex(std::string_view text);

// `name@GROUP/path`, `name@GROUP` or `name`.
struct Reference {
  std::string name;
  std::string group;  // empty: none given
  std::string path;
};
std::optional<Reference> parse_reference(std::string_view text);

// `weather::1.0.0`, as the registry and its clients name the services behind a server: the name and the version. The
// version is empty where there is none.
std::pair<std::string_view, std::string_view> split_version(std::string_view service);
// Whether version a comes after b: numbers compare as numbers, a release after its pre-releases.
bool newer_version(std::string_view a, std::string_view b);

// Which names a source publishes: all that match any of `include` (or all where that is empty) and none of `exclude`.
// `*` stands for any text, `?` for one byte.
struct NameFilter {
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  bool takes(std::string_view name) const;
};

}  // namespace mcpr::nacos
