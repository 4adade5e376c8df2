// MCP servers for the Nacos in memory.
#pragma once

#include <string>
#include <vector>

#include "fake_nacos.hpp"

namespace mcpr::nacos::test {

// The documents of an MCP server, as the registry stores them.
struct FakeServer {
  std::string id = "c23a9b5a-cba1-49de-8b14-154844134eeb";
  std::string name = "weather";
  std::string version = "1.0.0";
  std::string protocol = "mcp-streamable";
  std::string path = "/mcp";
  std::string group = "mcp-endpoints";
  std::string service{};  // empty: name::version
  std::string ns = "public";
  std::string description = "weather server";
  bool enabled = true;
  bool tools = true;
};
void publish(FakeNacos& nacos, const FakeServer& server, std::vector<FakeHost> hosts = {FakeHost{}});
void unpublish(FakeNacos& nacos, const FakeServer& server);
std::string server_document_of(const FakeServer& server);
std::string versions_document_of(const FakeServer& server, const std::vector<std::string>& drafts = {});

}  // namespace mcpr::nacos::test
