// What the C++ wrapper makes of classes as authors write them.
#include "mcpr/sdk.hpp"

#include <gtest/gtest.h>

namespace mcpr::sdk {
namespace {

using Context = Discovery::Context;

class Plain : public Discovery {
 public:
  using Discovery::Discovery;
  void start() override {}
};

class Overriding : public Plain {
 public:
  using Plain::Plain;
  void lookup(std::string_view, Answer answer) override { answer.ok(); }
};

// A derived class may well say that only the base's interface is for others.
class Private : public Discovery {
 public:
  using Discovery::Discovery;

 private:
  void start() override {}
  void lookup(std::string_view, Answer answer) override { answer.ok(); }
  void announce(const Service&, bool, Answer answer) override { answer.ok(); }
  void stop(Answer done) override { done.ok(); }
};

class Overloading : public Plain {
 public:
  using Plain::Plain;
  void lookup(std::string_view, Answer answer) override { answer.ok(); }
  void lookup(int) {}
};

static_assert(detail::inherits_lookup<Plain> && detail::inherits_announce<Plain>);
static_assert(!detail::inherits_lookup<Overriding> && detail::inherits_announce<Overriding>);
static_assert(!detail::inherits_lookup<Private> && !detail::inherits_announce<Private>);
static_assert(!detail::inherits_lookup<Overloading> && detail::inherits_announce<Overloading>);

mcpr_host host() {
  mcpr_host out{};
  out.struct_size = sizeof out;
  return out;
}

int completed = 0;
mcpr_discovery_sink sink() {
  mcpr_discovery_sink out{};
  out.struct_size = sizeof out;
  out.complete = [](void*, mcpr_op*, mcpr_status status, const mcpr_service*, mcpr_str) {
    EXPECT_EQ(status, MCPR_OK);
    ++completed;
  };
  return out;
}

template <class D>
const mcpr_discovery* make(const mcpr_host& given, const mcpr_discovery_sink& to) {
  mcpr_err err{};
  return detail::DiscoveryTable<D>::create(&given, &to, {"{}", 2}, &err);
}

TEST(SdkDiscovery, WhatIsNotOverriddenIsNotOffered) {
  const mcpr_host given = host();
  const mcpr_discovery_sink to = sink();
  const mcpr_discovery* plain = make<Plain>(given, to);
  EXPECT_FALSE(plain->lookup);
  EXPECT_FALSE(plain->announce);
  plain->destroy(plain->self);
  const mcpr_discovery* overriding = make<Overriding>(given, to);
  EXPECT_TRUE(overriding->lookup);
  EXPECT_FALSE(overriding->announce);
  overriding->destroy(overriding->self);
}

TEST(SdkDiscovery, PrivateAndOverloadedOverridesAreCalled) {
  const mcpr_host given = host();
  const mcpr_discovery_sink to = sink();
  completed = 0;
  const mcpr_discovery* hidden = make<Private>(given, to);
  mcpr_err err{};
  EXPECT_EQ(hidden->start(hidden->self, &err), MCPR_OK);
  hidden->lookup(hidden->self, {"a", 1}, nullptr);
  mcpr_service service{};
  service.struct_size = sizeof service;
  hidden->announce(hidden->self, &service, 1, nullptr);
  hidden->stop(hidden->self, nullptr);
  EXPECT_EQ(completed, 3);
  hidden->destroy(hidden->self);
  const mcpr_discovery* overloading = make<Overloading>(given, to);
  overloading->lookup(overloading->self, {"a", 1}, nullptr);
  EXPECT_EQ(completed, 4);
  overloading->destroy(overloading->self);
}

TEST(SdkGuarded, AnErrorIsNeverASuccess) {
  const auto quiet = [](mcpr_status, std::string_view) {};
  EXPECT_EQ(guarded([] {}, quiet), MCPR_OK);
  EXPECT_EQ(guarded([] { throw Error(MCPR_E_CONFIG, "x"); }, quiet), MCPR_E_CONFIG);
  EXPECT_EQ(guarded([] { throw Error(MCPR_OK, "x"); }, quiet), MCPR_E_INTERNAL);
  EXPECT_EQ(guarded([] { throw 1; }, quiet), MCPR_E_INTERNAL);
}

TEST(SdkErrors, EndWithAWholeCharacter) {
  char text[4];
  mcpr_err err{text, sizeof text, 0};
  write_error(&err, "ab\xE2\x82\xAC");
  EXPECT_EQ(std::string_view(text, err.size), "ab");
  write_error(&err, "a\xE2\x82\xAC");
  EXPECT_EQ(std::string_view(text, err.size), "a\xE2\x82\xAC");
  err.cap = 0;
  write_error(&err, "abc");
  EXPECT_EQ(err.size, 0u);
  write_error(nullptr, "abc");
}

}  // namespace
}  // namespace mcpr::sdk
