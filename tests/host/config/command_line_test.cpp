#include "host/config/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcpr::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

CommandLine parse(const std::vector<std::string>& arguments) { return parse_command_line(arguments); }

TEST(CommandLine, Options) {
  const CommandLine line =
      parse({"--config", "a.yml", "--profile=x,y", "-p", "z", "--server.port=1", "--mcp.router.services[0].name=a=b",
             "--check-config", "--daemon", "--pidfile", "/run/x.pid"});
  EXPECT_THAT(line.problems, IsEmpty());
  EXPECT_EQ(line.config, "a.yml");
  EXPECT_THAT(line.profiles, ElementsAre("x,y", "z"));
  ASSERT_EQ(line.properties.size(), 2u);
  EXPECT_EQ(line.properties[1].key, "mcp.router.services[0].name");
  EXPECT_EQ(line.properties[1].value, "a=b");
  EXPECT_TRUE(line.check_config && line.daemon && !line.help && !line.list_plugins);
  EXPECT_EQ(line.pidfile, "/run/x.pid");
  EXPECT_TRUE(parse({"-h"}).help && parse({"--version"}).version && parse({"--list-plugins"}).list_plugins &&
              parse({"--print-config"}).print_config);
}

TEST(CommandLine, WhatIsWrong) {
  EXPECT_THAT(parse({"--confg", "x"}).problems,
              ElementsAre("unknown option '--confg'; did you mean '--config'? (--help shows all)"));
  EXPECT_THAT(parse({"--server.port"}).problems, ElementsAre("--server.port needs a value: --server.port=VALUE"));
  EXPECT_THAT(parse({"--server..port=1"}).problems, ElementsAre(HasSubstr("'--server..port' is no key")));
  EXPECT_THAT(parse({"--config"}).problems, ElementsAre("--config needs a value: --config=FILE"));
  EXPECT_THAT(parse({"--config", "--daemon"}).problems, ElementsAre("--config needs a value: --config=FILE"));
  EXPECT_THAT(parse({"--config="}).problems, ElementsAre("--config needs a value: --config=FILE"));
  EXPECT_THAT(parse({"--config=a", "--config=b"}).problems, ElementsAre("--config is given twice: 'a' and 'b'"));
  EXPECT_THAT(parse({"--daemon=yes"}).problems, ElementsAre("--daemon takes no value, but got 'yes'"));
  EXPECT_THAT(parse({"--debug=1", "-x", "", "-", "--"}).problems.size(), 5u);
}

TEST(CommandLine, ACommandTakesAllThatFollows) {
  const CommandLine line =
      parse({"--config", "a.yml", "--server.port=1", "services", "add", "--config", "x", "-h", "--"});
  EXPECT_THAT(line.problems, IsEmpty());
  EXPECT_THAT(line.command, ElementsAre("services", "add", "--config", "x", "-h", "--"));
  EXPECT_EQ(line.config, "a.yml");
  EXPECT_FALSE(line.help);
  EXPECT_THAT(parse({"--config", "services"}).command, IsEmpty()) << "it is the option's value";
  EXPECT_THAT(parse({"--daemon", "services"}).problems, ElementsAre(HasSubstr("'services' is a command")));
}

TEST(CommandLine, Upstreams) {
  const CommandLine line = parse({"--upstream", "weather=http://h:1/mcp?a=b", "--upstream=http://mcp.example.com/x?y=z",
                                  "--upstream", "http://[::1]:9/"});
  EXPECT_THAT(line.problems, IsEmpty());
  ASSERT_EQ(line.upstreams.size(), 3u);
  EXPECT_EQ(line.upstreams[0].name, "weather");
  EXPECT_EQ(line.upstreams[0].url, "http://h:1/mcp?a=b");
  EXPECT_EQ(line.upstreams[1].name, "mcp.example.com");
  EXPECT_EQ(line.upstreams[2].name, "default");
}

TEST(CommandLine, UpstreamsThatAreWrong) {
  for (const char* bad : {"h:1", "ftp://h", "http://", "http://:80", "http://h:0", "http://h:x",
                          "http://h:", "http://[::1", "http://a b", "x=", "http:///p"}) {
    EXPECT_EQ(parse({std::string("--upstream=") + bad}).problems.size(), 1u) << bad;
  }
  EXPECT_THAT(parse({"--upstream=http://u:p@h/"}).problems, ElementsAre(HasSubstr("user or password")));
  EXPECT_THAT(parse({"--upstream==http://h/"}).problems, ElementsAre(HasSubstr("is no name of a service")));
  EXPECT_THAT(parse({"--upstream=a/b=http://h/"}).problems, ElementsAre(HasSubstr("'a/b' is no name of a service")));
  EXPECT_THAT(parse({"-u", "http://127.0.0.1:1/", "-u", "http://localhost:2/"}).problems,
              ElementsAre("--upstream http://127.0.0.1:1/ and --upstream http://localhost:2/ would both be the service "
                          "'default': name them "
                          "(--upstream NAME=URL; the same NAME for instances of one service)"));
}

TEST(CommandLine, Layer) {
  Problems problems;
  const Node layer = command_line_layer(parse({"--a.b=1", "--a.c[0]=x", "--a.c[1]=y", "--a.b=2"}), problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(layer.find(*parse_key("a.b"))->text, "2");
  EXPECT_EQ(layer.find(*parse_key("a.c[1]"))->origin.text(), "command line --a.c[1]");
  command_line_layer(parse({"--a.b=1", "--a.b.c=2", "-u", "http://h", "--mcp.router.services=x"}), problems);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].text(), "command line --a.b.c: 'a.b' is a value and has no 'c' in it");
  EXPECT_THAT(problems[1].text(), HasSubstr("cannot be given together"));
}

TEST(CommandLine, UsageNamesEveryOption) {
  for (const char* option : {"--config", "--profile", "--upstream", "--check-config", "--print-config",
                             "--list-plugins", "--daemon", "--pidfile", "--version", "--help"}) {
    EXPECT_THAT(usage(), HasSubstr(option));
  }
}

}  // namespace
}  // namespace mcpr::config
