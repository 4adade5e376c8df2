// The text of a service's `endpoint` or `url`, read into an instance or into a reference that a source has to look up.
#pragma once

#include <string>
#include <string_view>

#include "host/catalog/model.hpp"

namespace mcpr::catalog {

struct Endpoint {
  Instance instance;  // without a host where lookup is set; its path is then the path to use on what is found, or empty
  std::string lookup;      // name@GROUP
  std::string unroutable;  // why the protocol cannot be carried; the text is then not read at all
};

// `http(s)://host[:port]/path?query`, `host:port/path`, `[::1]:80/x` or `name@GROUP[/path]`. Missing path and port are
// those usual for the transport and the scheme. False with a text for people where it is none of them.
bool parse_endpoint(std::string_view text, std::string_view protocol, Endpoint& out, std::string& error);

// The transport that a protocol's name stands for (mcp-sse, mcp-streamable, streamableHttp, http, ...); without a name,
// the path decides. The reason says why an unroutable one (and stdio) cannot be carried, and is empty otherwise.
Transport transport_of(std::string_view protocol, std::string_view path, std::string& reason);

// What identifies an instance within its service when its source gives no id: `[https://]host:port/path`.
std::string instance_id(const Instance& instance);

// Splits `name@GROUP/path` into `name@GROUP` and the path, which may be empty.
std::pair<std::string_view, std::string_view> split_lookup(std::string_view lookup);

}  // namespace mcpr::catalog
