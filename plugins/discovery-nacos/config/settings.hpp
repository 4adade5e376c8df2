// What is configured for one Nacos source: `mcp.router.nacos`, or `spring.ai.alibaba.mcp.nacos` as Spring AI Alibaba
// and mcp-router-v3 write it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/address.hpp"
#include "sync/options.hpp"

namespace mcpr::nacos {

struct Settings {
  struct Grpc {
    bool on = true;
    unsigned port_offset = 1'000;  // from the HTTP port
    unsigned port = 0;             // 0: by the offset
    bool tls = false;
  };
  struct Tls {
    std::string ca_file;    // PEM; empty: the system's authorities
    std::string cert_file;  // of our own, for gRPC; empty: none
    std::string key_file;
  };

  bool enabled = true;
  bool configured = false;  // no key is given at all: the plugin is merely installed
  std::vector<Address> servers;
  std::string username, password;
  std::string access_key, secret_key;
  Grpc grpc;
  Tls tls;
  Millis timeout{5'000};  // of one request to one server
  Options sync;
  std::vector<std::string> notes;  // lines for the log: keys that say nothing to this source
};

// Reads the configuration, a JSON object. False where it is wrong: the text names every fault with its key.
bool read_settings(std::string_view json, Settings& out, std::string& error);

// The JSON Schema of the same.
extern const char kSettingsSchema[];

}  // namespace mcpr::nacos
