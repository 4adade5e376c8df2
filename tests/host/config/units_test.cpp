#include "host/config/units.hpp"

#include <gtest/gtest.h>

namespace mcpr::config {
namespace {

using std::chrono::milliseconds;

TEST(Units, Durations) {
  EXPECT_EQ(parse_duration("0"), milliseconds(0));
  EXPECT_EQ(parse_duration("1500"), milliseconds(1500));
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("15s"), milliseconds(15'000));
  EXPECT_EQ(parse_duration("1h30m"), milliseconds(5'400'000));
  EXPECT_EQ(parse_duration("1d"), milliseconds(86'400'000));
  EXPECT_EQ(parse_duration("5S"), milliseconds(5'000));
}

TEST(Units, IsoDurations) {
  EXPECT_EQ(parse_duration("PT30M"), milliseconds(1'800'000));
  EXPECT_EQ(parse_duration("pt1h0.5s"), milliseconds(3'600'500));
  EXPECT_EQ(parse_duration("P1DT12H"), milliseconds(129'600'000));
  EXPECT_EQ(parse_duration("PT0.123456789S"), milliseconds(123));
}

TEST(Units, NoDurations) {
  for (const char* bad : {"",
                          "s",
                          "-1s",
                          "1x",
                          "1 s",
                          "5s1m",
                          "1m1m",
                          "15s3",
                          "1.5s",
                          "P",
                          "PT",
                          "P1",
                          "PT1S1M",
                          "P1H",
                          "PT1.S",
                          "P1DT",
                          "PT1.5M",
                          "PTT1S",
                          "99999999999999999999s",
                          "99999999d",
                          "99999999999999999999999"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Units, Sizes) {
  EXPECT_EQ(parse_size("512"), 512u);
  EXPECT_EQ(parse_size("512B"), 512u);
  EXPECT_EQ(parse_size("64KiB"), 65536u);
  EXPECT_EQ(parse_size("64KB"), 65536u);
  EXPECT_EQ(parse_size("4 MiB"), 4194304u);
  EXPECT_EQ(parse_size("1g"), 1073741824u);
  for (const char* bad : {"", "K", "-1", "1.5MiB", "1TB", "1 2", "99999999999999999999", "9999999999GiB"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
}

TEST(Units, BooleansAndIntegers) {
  EXPECT_EQ(parse_boolean("Yes"), true);
  EXPECT_EQ(parse_boolean("OFF"), false);
  EXPECT_FALSE(parse_boolean("maybe"));
  EXPECT_EQ(parse_integer("-12"), -12);
  EXPECT_EQ(parse_integer("+12"), 12);
  for (const char* bad : {"", "+", "+-1", "1.0", "0x10", "12a", "99999999999999999999"})
    EXPECT_FALSE(parse_integer(bad)) << bad;
}

TEST(Units, DurationsAsText) {
  for (const char* text : {"0s", "15s", "1500ms", "1m30s", "1h", "1d1h1m1s"})
    EXPECT_EQ(to_text(*parse_duration(text)), text);
}

}  // namespace
}  // namespace mcpr::config
