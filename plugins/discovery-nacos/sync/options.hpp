// What the synchronisation is told: plain values, made from the settings by the source.
#pragma once

#include <chrono>
#include <cstddef>
#include <mcpr/abi.hpp>
#include <string>
#include <vector>

#include "model/names.hpp"

namespace mcpr::nacos {

using Millis = std::chrono::milliseconds;

struct Options {
  struct Group {
    std::string name;
    bool v3 = false;  // by the rules of mcp-router-v3
  };

  std::vector<std::string> namespaces{std::string(kPublic)};  // of equal names, the first one's is used
  bool registry = true;                                       // Nacos 3's MCP registry, where there is one
  std::vector<Group> groups;                                  // whose services are MCP services
  NameFilter names;
  sdk::KeyValues metadata;                          // what an instance in a group must have
  std::string default_protocol = "mcp-streamable";  // of instances in a group that do not say
  bool short_names = true;                          // `foo` besides `mcp-foo`, in groups with v3
  std::string announce_group{kDefaultGroup};        // for names without a group
  std::string announce_namespace{kPublic};

  Millis poll{10'000};            // between two looks where Nacos does not push
  Millis count_check{60'000};     // between two comparisons of the registry's size with what was pushed
  Millis grace{15'000};           // how long after a reconnection an instance that has not come back is kept
  std::size_t watch_limit = 500;  // config documents that a server watches by pattern
  // As many as Nacos gives: a page of its list costs it the same time whatever it holds, about 150 ms among 5,000
  // servers.
  std::size_t page_size = 1'000;
};

}  // namespace mcpr::nacos
