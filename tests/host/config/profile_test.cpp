#include "host/config/profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_fixture.hpp"

namespace mcpr::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Profile, Expressions) {
  const std::vector<std::string> active{"prod", "eu"};
  std::vector<std::string> mentioned;
  const auto holds = [&](std::string_view text) { return matches(text, active, mentioned); };
  EXPECT_EQ(holds("prod"), true);
  EXPECT_EQ(holds("test"), false);
  EXPECT_EQ(holds("!test"), true);
  EXPECT_EQ(holds("!!prod"), true);
  EXPECT_EQ(holds("prod & eu"), true);
  EXPECT_EQ(holds("prod&us"), false);
  EXPECT_EQ(holds("us | eu"), true);
  EXPECT_EQ(holds("(us | eu) & !test"), true);
  for (const char* bad : {"", "a b", "a & b | c", "(a", "a)", "!", "a &", "a,b", "/x"})
    EXPECT_EQ(holds(bad), std::nullopt) << bad;
  EXPECT_EQ(holds(std::string(1000, '(')), std::nullopt);
  EXPECT_EQ(holds(std::string(1000, '!')), std::nullopt);
  EXPECT_THAT(mentioned, testing::Contains("us"));
}

TEST(Profile, Lists) {
  EXPECT_THAT(split_list(" a, b ,,c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_list(" , "), IsEmpty());
}

using ProfileFiles = ConfigTest;

TEST_F(ProfileFiles, AFileOfAProfileWins) {
  file("application.yml", "server: {port: 1000, threads: 3}\n");
  file("application-a.yml", "server: {port: 2000}\n");
  file("application-b.yaml", "server: {port: 3000}\n");
  EXPECT_EQ(load().server.port, 1000);
  profiles = {"a"};
  EXPECT_EQ(load().server.port, 2000);
  EXPECT_EQ(load().server.threads, 3u);
  profiles = {"a,b"};
  EXPECT_EQ(load().server.port, 3000);
  profiles = {"b", "a"};
  EXPECT_EQ(load().server.port, 2000);
  EXPECT_THAT(said, IsEmpty());
  EXPECT_THAT(tree().profiles(), ElementsAre("b", "a"));
  EXPECT_EQ(tree().files().size(), 3u);
}

TEST_F(ProfileFiles, WhereProfilesComeFrom) {
  file("application.yml", "spring: {profiles: {active: '${P:a}'}}\n");
  file("application-a.yml", "server.port: 2000\n");
  file("application-b.yml", "server.port: 3000\n");
  file("application-c.yml", "server.port: 4000\n");
  EXPECT_EQ(load().server.port, 2000);
  environment["P"] = "b";
  EXPECT_EQ(load().server.port, 3000);
  environment["SPRING_PROFILES_ACTIVE"] = "c";
  EXPECT_EQ(load().server.port, 4000);
  arguments = {"--spring.profiles.active=a"};
  EXPECT_EQ(load().server.port, 2000);
  arguments = {"--profile", "b"};
  EXPECT_EQ(load().server.port, 3000);
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(ProfileFiles, Includes) {
  file("application.yml", "spring: {profiles: {active: a, include: [common]}}\n");
  file("application-a.yml", "server.port: 2000\nspring.profiles.include: deep\n");
  file("application-common.yml", "server: {port: 3000, threads: 7}\n");
  file("application-deep.yml", "server.threads: 9\n");
  const Settings settings = load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_EQ(settings.server.port, 3000);
  EXPECT_EQ(settings.server.threads, 9u);
}

TEST_F(ProfileFiles, DocumentsOfProfiles) {
  file("application.yml",
       "server: {port: 1000}\n---\nspring: {config: {activate: {on-profile: 'a & !b'}}}\nserver: {port: 2000}\n"
       "---\nspring.config.activate.on-profile: [c, d]\nserver: {port: 3000}\n---\nspring.profiles: old\nserver: "
       "{port: 4000}\n");
  EXPECT_EQ(load().server.port, 1000);
  profiles = {"a"};
  EXPECT_EQ(load().server.port, 2000);
  profiles = {"a", "b"};
  EXPECT_EQ(load().server.port, 1000);
  profiles = {"d"};
  EXPECT_EQ(load().server.port, 3000);
  profiles = {"old"};
  EXPECT_EQ(load().server.port, 4000);
  EXPECT_THAT(said, IsEmpty());
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(ProfileFiles, AProfileThatMeansNothing) {
  file("application.yml", "server: {port: 1000}\n");
  profiles = {"typo"};
  load();
  EXPECT_THAT(said, ElementsAre(HasSubstr("profile 'typo' means nothing: there is no application-typo.yml beside")));
  profiles.clear();
  environment["SPRING_PROFILES_ACTIVE"] = "cluster";
  load();
  EXPECT_THAT(said, IsEmpty());
  EXPECT_THAT(notes, ElementsAre(HasSubstr("profile 'cluster' means nothing")));
  environment.clear();
  profiles = {"../x"};
  load();
  EXPECT_THAT(said, ElementsAre(HasSubstr("'../x' is no name of a profile")));
}

TEST_F(ProfileFiles, WithoutABaseFile) {
  file("application-a.yml", "server.port: 2000\n");
  profiles = {"a"};
  EXPECT_EQ(load().server.port, 2000);
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(ProfileFiles, NoFileAtAll) {
  EXPECT_EQ(load().server.port, 8052);
  EXPECT_THAT(said, IsEmpty());
}

TEST_F(ProfileFiles, AFileThatIsAskedForHasToExist) {
  Request request;
  request.file = folder / "missing.yml";
  const Layers layers = read_layers(request);
  ASSERT_EQ(layers.problems.size(), 1u);
  EXPECT_EQ(short_text(layers.problems[0].text()), "missing.yml: cannot be read: No such file or directory");
  request.file = folder;
  EXPECT_THAT(read_layers(request).problems.at(0).text(), HasSubstr("Is a directory"));
}

TEST_F(ProfileFiles, AFileHasToHoldKeys) {
  file("application.yml", "- a\n- b\n");
  load();
  EXPECT_THAT(said, ElementsAre("application.yml:1:1: the file has to be a section of keys, not a list"));
}

}  // namespace
}  // namespace mcpr::config
