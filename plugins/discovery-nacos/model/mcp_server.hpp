// An MCP server as Nacos 3's registry knows it, read from any of the forms in which the registry tells of it: a list
// item, the detail, or the config documents that it is stored in. Pure functions; what is missing stays empty.
#pragma once

#include <cstdint>
#include <mcpr/service.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json.hpp"
#include "names.hpp"

namespace mcpr::nacos {

// One address that the registry names.
struct Endpoint {
  std::string scheme;  // http, https; empty: not said
  std::string host;
  std::uint16_t port = 0;
  std::string path;  // empty: the server's
  sdk::KeyValues headers;
  bool operator==(const Endpoint&) const = default;
};

// A naming service whose instances are a server's.
struct ServiceRef {
  ServiceKey key;
  std::string scheme;
  bool operator==(const ServiceRef&) const = default;
};

// What a gateway offers in place of the server itself.
struct Frontend {
  enum class Kind : std::uint8_t { direct, ref, backend };
  Kind kind = Kind::direct;
  std::string type;   // mcp-sse, mcp-streamable; empty: not said
  Endpoint endpoint;  // direct: the address; else scheme, path and headers only
  ServiceRef ref;
  bool operator==(const Frontend&) const = default;
};

// Which version of a server is to be used: a list item, or the versions document.
struct Summary {
  std::string id;  // empty: Nacos 3.0.0 had none
  std::string name;
  std::string version;  // the latest published one; empty: there are drafts only
  std::string status;
  bool operator==(const Summary&) const = default;
};

struct Server {
  std::string id;
  std::string name;
  std::string ns;
  std::string version;
  std::string protocol;  // mcp-sse, mcp-streamable, stdio, http, dubbo
  std::string front_protocol;
  std::string description;
  std::string status;
  bool enabled = true;
  std::vector<std::string> capabilities;
  std::optional<ServiceRef> ref;
  std::string export_path;
  std::vector<Frontend> frontends;
  std::string tools_document;  // where the tools are; empty: there are none
  std::vector<sdk::Tool> tools;
  bool tools_encrypted = false;
  bool operator==(const Server&) const = default;
};

// The detail resolves the addresses as well.
struct Detail {
  Server server;
  std::vector<Endpoint> backend;
  std::vector<Endpoint> frontend;
  bool operator==(const Detail&) const = default;
};

struct ListPage {
  std::vector<Summary> items;
  std::size_t total = 0;
};

// Each is false with a text for people where the form is another one than expected.
bool read_list(const Json& data, ListPage& out, std::string& error);
bool read_detail(const Json& data, std::string_view ns, Detail& out, std::string& error);
bool read_versions_document(std::string_view text, Summary& out, std::string& error);
bool read_server_document(std::string_view text, std::string_view ns, Server& out, std::string& error);
bool read_tools_document(std::string_view text, Server& out, std::string& error);  // sets the tools alone

}  // namespace mcpr::nacos
