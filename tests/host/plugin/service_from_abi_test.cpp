#include "host/plugin/service_from_abi.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "host/plugin/abi.hpp"

namespace mcpr::plugin {
namespace {

// A plain service with one instance, to break in one place.
struct Plain {
  mcpr_instance instance{};
  mcpr_service service{};
  Plain() {
    instance.host = str("h");
    instance.port = 80;
    service.struct_size = sizeof service;
    service.name = str("s");
    service.instances = &instance;
    service.instances_n = 1;
    service.instance_size = sizeof instance;
    service.tool_size = sizeof(mcpr_tool);
  }
  std::string error() const {
    catalog::Service out;
    std::string text;
    return service_from_abi(service, out, text) ? "" : text;
  }
};

TEST(ServiceFromAbi, ZeroedMembersAreValid) {
  const Plain plain;
  catalog::Service out;
  std::string error;
  ASSERT_TRUE(service_from_abi(plain.service, out, error)) << error;
  EXPECT_FALSE(out.enabled);
  ASSERT_EQ(out.instances.size(), 1u);
  EXPECT_EQ(out.instances[0].path, "/mcp");
  EXPECT_EQ(out.instances[0].id, "h:80/mcp");
  EXPECT_EQ(out.instances[0].weight_milli, 0u);
}

TEST(ServiceFromAbi, SaysWhatIsWrong) {
  Plain plain;
  plain.service.struct_size = 100;
  EXPECT_EQ(plain.error(), "mcpr_service has struct_size 100, not the 184 of ABI 1.0 or a little more");
  plain = Plain();
  plain.service.name = {};
  EXPECT_EQ(plain.error(), "a service without a name");
  plain = Plain();
  plain.service.instance_size = 8;
  EXPECT_EQ(plain.error(),
            "service 's': an item of its instances has the size 8, not the 96 of ABI 1.0 or a little more");
  plain = Plain();
  plain.service.instance_size = sizeof(mcpr_instance) + 4;  // leads to an address that is not aligned
  EXPECT_EQ(plain.error(),
            "service 's': an item of its instances has the size 100, not the 96 of ABI 1.0 or a little more");
  plain = Plain();
  plain.service.struct_size = 0xFFFFFFF8;
  EXPECT_EQ(plain.error(), "mcpr_service has struct_size 4294967288, not the 184 of ABI 1.0 or a little more");
  plain = Plain();
  const mcpr_tool tool{};
  plain.service.tools_n = 1;
  EXPECT_EQ(plain.error(), "service 's': 1 tools are announced and none are given");
  plain.service.tools = &tool;
  plain.service.tool_size = 0;
  EXPECT_EQ(plain.error(), "service 's': an item of its tools has the size 0, not the 40 of ABI 1.0 or a little more");
  plain.service.tool_size = sizeof tool;
  plain.service.tools_n = 0xFFFFFFFF;
  EXPECT_EQ(plain.error(), "service 's': 4294967295 tools are more than 1000000");
}

TEST(ServiceFromAbi, SaysWhichInstanceIsWrong) {
  const auto error = [](auto change) {
    Plain plain;
    plain.service.instances = &plain.instance;
    change(plain.instance);
    return plain.error();
  };
  EXPECT_EQ(error([](mcpr_instance& one) { one.host = {}; }).substr(0, 23), "service 's': instance 1");
  EXPECT_NE(error([](mcpr_instance& one) { one.host = {}; }).find("has no host"), std::string::npos);
  EXPECT_NE(error([](mcpr_instance& one) { one.port = 0; }).find("has no port"), std::string::npos);
  EXPECT_NE(error([](mcpr_instance& one) { one.path = str("x"); }).find("does not begin with /"), std::string::npos);
  EXPECT_NE(error([](mcpr_instance& one) { one.transport = 9; }).find("the transport 9"), std::string::npos);
  EXPECT_EQ(error([](mcpr_instance& one) {
              one.host = {};
              one.transport = MCPR_TRANSPORT_STDIO;
            }),
            "");
}

TEST(ServiceFromAbi, TwoInstancesWithOneId) {
  const Plain plain;
  const mcpr_instance two[2] = {plain.instance, plain.instance};
  mcpr_service service = plain.service;
  service.instances = two;
  service.instances_n = 2;
  catalog::Service out;
  std::string error;
  EXPECT_FALSE(service_from_abi(service, out, error));
  EXPECT_EQ(error, "service 's': two instances have the id 'h:80/mcp'");
}

TEST(ServiceFromAbi, BadOptionsNameTheKey) {
  Plain plain;
  plain.service.instances = &plain.instance;
  plain.service.options = str(R"({"headerz": {}})");
  EXPECT_NE(plain.error().find("service 's': options: "), std::string::npos);
  EXPECT_NE(plain.error().find("headerz"), std::string::npos);
}

// A plugin of a later minor: longer structs, in an array that must be stepped by their size.
TEST(ServiceFromAbi, StepsByTheWritersSize) {
  struct Longer {
    mcpr_instance known;
    std::uint64_t added[3];
  };
  const Plain plain;
  std::vector<Longer> many(3, Longer{plain.instance, {~0ull, ~0ull, ~0ull}});
  for (std::size_t i = 0; i < many.size(); ++i) many[i].known.port = static_cast<std::uint16_t>(1000 + i);
  mcpr_service service = plain.service;
  service.instances = &many[0].known;
  service.instances_n = 3;
  service.instance_size = sizeof(Longer);
  catalog::Service out;
  std::string error;
  ASSERT_TRUE(service_from_abi(service, out, error)) << error;
  EXPECT_EQ(out.instances.at(2).id, "h:1002/mcp");
}

}  // namespace
}  // namespace mcpr::plugin
