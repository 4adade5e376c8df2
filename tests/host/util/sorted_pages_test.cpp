#include "host/util/sorted_pages.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "host/util/paged_array.hpp"

namespace mcpr {
namespace {

struct Item {
  std::string key;
  int value;
  bool operator==(const Item&) const = default;
};
using ItemPtr = std::shared_ptr<const Item>;
struct Key {
  std::string_view operator()(const ItemPtr& item) const { return item->key; }
};
using Pages = SortedPages<ItemPtr, Key>;
using Model = std::map<std::string, int>;

ItemPtr item(const std::string& key, int value) { return std::make_shared<const Item>(Item{key, value}); }

Model content(const Pages& pages) {
  Model out;
  std::string last;
  for (const ItemPtr& at : pages) {
    EXPECT_TRUE(out.empty() || last < at->key);
    last = at->key;
    out[at->key] = at->value;
  }
  EXPECT_EQ(out.size(), pages.size());
  return out;
}

TEST(SortedPages, AnEmptyOneHasNothing) {
  const Pages none;
  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(none.begin() == none.end());
  EXPECT_EQ(none.find("a"), nullptr);
  EXPECT_TRUE(none.changed({}).empty());
  EXPECT_TRUE(none.changed({{"a", std::nullopt}}).empty());
}

// Random changes, checked against a map: the content, every look-up, and the differences between versions.
TEST(SortedPages, BehavesLikeAMapThroughRandomChanges) {
  std::mt19937 random(7);
  Pages pages;
  Model model;
  std::vector<std::pair<Pages, Model>> versions;
  for (int round = 0; round < 300; ++round) {
    const bool shrinking = round % 100 > 70;
    std::map<std::string, std::optional<int>> wanted;
    const std::size_t count = round % 10 == 0 ? 400 : random() % 6;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string key = std::to_string(random() % 2000);
      const bool gone = random() % 10 < (shrinking ? 9u : 3u);
      wanted[key] = gone ? std::nullopt : std::optional<int>(static_cast<int>(random() % 100));
    }
    std::vector<Pages::Change> changes;
    for (const auto& [key, value] : wanted) {
      changes.push_back({key, std::nullopt});
      if (value) {
        changes.back().value = item(key, *value);
        model[key] = *value;
      } else {
        model.erase(key);
      }
    }
    pages = pages.changed(std::move(changes));
    ASSERT_EQ(content(pages), model);
    for (int i = 0; i < 20; ++i) {
      const std::string key = std::to_string(random() % 2000);
      const ItemPtr* found = pages.find(key);
      ASSERT_EQ(found != nullptr, model.contains(key));
      if (found) {
        ASSERT_EQ((*found)->value, model[key]);
      }
    }
    if (round % 17 == 0) versions.emplace_back(pages, model);
  }
  for (const auto& [from, from_model] : versions) {
    for (const auto& [to, to_model] : versions) {
      Model patched = from_model;
      Pages::diff(from, to, [&](const ItemPtr* before, const ItemPtr* after) {
        ASSERT_TRUE(before || after);
        if (before) {
          ASSERT_EQ(patched.at((*before)->key), (*before)->value);
        }
        if (after) {
          patched[(*after)->key] = (*after)->value;
        } else {
          patched.erase((*before)->key);
        }
      });
      ASSERT_EQ(patched, to_model);
    }
  }
}

TEST(SortedPages, ADifferenceLooksOnlyAtPagesThatAreNotShared) {
  static int compared;
  struct Counted {
    ItemPtr item;
    bool operator==(const Counted& other) const {
      ++compared;
      return item == other.item;
    }
  };
  struct CountedKey {
    std::string_view operator()(const Counted& at) const { return at.item->key; }
  };
  using CountedPages = SortedPages<Counted, CountedKey>;
  std::vector<CountedPages::Change> all;
  for (int i = 10'000; i < 20'000; ++i) all.push_back({std::to_string(i), Counted{item(std::to_string(i), i)}});
  const CountedPages before = CountedPages().changed(std::move(all));
  const CountedPages after = before.changed({{"15000", Counted{item("15000", -1)}}});
  compared = 0;
  int differences = 0;
  CountedPages::diff(before, after, [&](const Counted*, const Counted*) { ++differences; });
  EXPECT_EQ(differences, 1);
  EXPECT_LE(compared, 128);
}

TEST(PagedArray, KeepsEarlierVersions) {
  const PagedArray<int> none;
  EXPECT_EQ(none.size(), 0u);
  const PagedArray<int> first = none.changed({{0, 1}, {200, 3}});
  EXPECT_EQ(first.size(), 201u);
  EXPECT_EQ(first[0], 1);
  EXPECT_EQ(first[100], 0);
  EXPECT_EQ(first[200], 3);
  const PagedArray<int> second = first.changed({{200, 4}, {64, 5}});
  EXPECT_EQ(first[200], 3);
  EXPECT_EQ(second[200], 4);
  EXPECT_EQ(second[64], 5);
  EXPECT_EQ(second[0], 1);
}

}  // namespace
}  // namespace mcpr
