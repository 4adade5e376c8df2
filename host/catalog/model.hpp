// What discovery says: services and their instances, as plain values. A Service is immutable once it is in a Catalog
// and is shared by all threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mcpr::catalog {

using KeyValues = std::vector<std::pair<std::string, std::string>>;

// How an instance is spoken to. `unroutable` is a protocol that is known but that the router cannot carry.
enum class Transport : std::uint8_t { streamable_http, sse, stdio, unroutable };

// Protocol eras an instance speaks; a set of bits. 0: not known yet (configured nowhere, not probed).
enum Era : std::uint8_t { era_handshake = 1, era_stateless = 2 };

struct Instance {
  std::string id;    // unique within the service; made from host, port and path where the source gives none
  std::string host;  // name or address, no brackets around IPv6
  std::uint16_t port = 0;
  bool tls = false;
  std::string path = "/mcp";  // with query, as it is requested
  Transport transport = Transport::streamable_http;
  std::uint8_t eras = 0;
  std::uint32_t weight_milli = 1000;  // 1000 is a weight of 1; 0 takes no new sessions
  bool healthy = true;
  bool enabled = true;
  std::string zone;
  KeyValues metadata;

  bool operator==(const Instance&) const = default;
};

// A tool that a source knows of, without its schema: enough to hide it or to find its service.
struct Tool {
  std::string name;
  std::string description;
  bool enabled = true;
  bool operator==(const Tool&) const = default;
};

struct Timeouts {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds response{60'000};              // until the answer, measured anew at each progress message
  std::chrono::milliseconds idle{300'000};                 // a stream without a byte, not counting GET streams
  std::map<std::string, std::chrono::milliseconds> tools;  // response time by tool name
  bool operator==(const Timeouts&) const = default;
};

// Settings of a service that a source may give besides what it is: parsed from the options object of the plugin
// contract.
struct ServiceOptions {
  KeyValues headers;  // added to every upstream request
  Timeouts timeouts;
  bool forward_authorization = false;  // the client's Authorization goes upstream
  bool forward_cookie = false;
  std::string ca_file;        // PEM; empty: the system's
  std::string load_balancer;  // id of a balancer plugin; empty: the default
  bool operator==(const ServiceOptions&) const = default;
};

struct Service {
  std::string name;
  std::string description;
  std::string version;
  std::string protocol;  // as the source spells it: mcp-sse, mcp-streamable, sse, http, ...
  std::vector<std::string> tags;
  bool enabled = true;
  std::vector<Instance> instances;
  std::vector<Tool> tools;
  KeyValues metadata;
  ServiceOptions options;
  std::string lookup;      // `name@GROUP`: instances come from a source that can look it up
  std::string unroutable;  // why no call can reach it; empty: it can be called
  bool on_demand = false;  // published by nobody: found by its name when a client asked for it
  bool operator==(const Service&) const = default;
};

using ServicePtr = std::shared_ptr<const Service>;

}  // namespace mcpr::catalog
