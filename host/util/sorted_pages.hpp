// An immutable sequence sorted by a text key, in pages that its versions share: a changed version copies the pages that
// differ and the short list of pages, and two versions are compared by the pages that they do not share. What a change
// costs therefore hardly grows with the number of elements.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcpr {

// KeyOf: std::string_view operator()(const T&), stable as long as the element. T is cheap to copy and to compare.
template <class T, class KeyOf>
class SortedPages {
  using Page = std::vector<T>;
  using PagePtr = std::shared_ptr<const Page>;

 public:
  struct Change {
    std::string key;
    std::optional<T> value;  // none: it goes
  };

  class iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using reference = const T&;
    using iterator_category = std::forward_iterator_tag;
    iterator() = default;
    const T& operator*() const { return (**page_)[at_]; }
    const T* operator->() const { return &**this; }
    iterator& operator++() {
      if (++at_ == (*page_)->size()) ++page_, at_ = 0;
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const iterator&) const = default;

   private:
    friend class SortedPages;
    explicit iterator(const PagePtr* page) : page_(page) {}
    const PagePtr* page_ = nullptr;
    std::size_t at_ = 0;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  iterator begin() const { return iterator(pages_.data()); }
  iterator end() const { return iterator(pages_.data() + pages_.size()); }

  // Valid as long as this version. Allocates nothing.
  const T* find(std::string_view key) const {
    const auto page = std::upper_bound(pages_.begin(), pages_.end(), key,
                                       [](std::string_view k, const PagePtr& p) { return k < KeyOf{}(p->front()); });
    if (page == pages_.begin()) return nullptr;
    const Page& in = **std::prev(page);
    const auto at =
        std::lower_bound(in.begin(), in.end(), key, [](const T& e, std::string_view k) { return KeyOf{}(e) < k; });
    return at != in.end() && KeyOf{}(*at) == key ? &*at : nullptr;
  }

  // The version after the changes, which are sorted by key, no key twice.
  SortedPages changed(std::vector<Change> changes) const {
    SortedPages out;
    out.pages_.reserve(pages_.size() + 1);
    auto change = changes.begin();
    for (std::size_t i = 0; i < pages_.size() || (pages_.empty() && i == 0); ++i) {
      // A page takes what comes before the next page's first key.
      auto last = change;
      const bool final = i + 1 >= pages_.size();
      while (last != changes.end() && (final || last->key < KeyOf{}(pages_[i + 1]->front()))) ++last;
      if (change == last) {
        if (!pages_.empty()) out.take(pages_[i]);
        continue;
      }
      static const Page kNone;
      out.split(merged(pages_.empty() ? kNone : *pages_[i], change, last));
      change = last;
    }
    // Many withdrawals leave small pages behind.
    if (out.pages_.size() > 2 * (out.size_ / kFill) + 8) {
      Page all(out.begin(), out.end());
      out = SortedPages();
      out.split(std::move(all));
    }
    return out;
  }

  // Calls f(before, after) in the order of keys for every element that one version has and the other has not, or has
  // another; null stands for what is not there.
  template <class F>
  static void diff(const SortedPages& before, const SortedPages& after, F&& f) {
    Walk a(before), b(after);
    while (!a.ended() || !b.ended()) {
      if (a.at_page_start() && b.at_page_start() && a.page() == b.page()) {
        a.next_page();
        b.next_page();
        continue;
      }
      if (b.ended() || (!a.ended() && KeyOf{}(a.get()) < KeyOf{}(b.get()))) {
        f(&a.get(), static_cast<const T*>(nullptr));
        a.next();
      } else if (a.ended() || KeyOf{}(b.get()) < KeyOf{}(a.get())) {
        f(static_cast<const T*>(nullptr), &b.get());
        b.next();
      } else {
        if (!(a.get() == b.get())) f(&a.get(), &b.get());
        a.next();
        b.next();
      }
    }
  }

 private:
  static constexpr std::size_t kFill = 64;  // of a page that is made new
  static constexpr std::size_t kMost = 128;

  // A place in a sequence that can leave out a page.
  class Walk {
   public:
    explicit Walk(const SortedPages& in) : pages_(in.pages_) {}
    bool ended() const { return page_ == pages_.size(); }
    bool at_page_start() const { return !ended() && at_ == 0; }
    const PagePtr& page() const { return pages_[page_]; }
    const T& get() const { return (*pages_[page_])[at_]; }
    void next() {
      if (++at_ == pages_[page_]->size()) next_page();
    }
    void next_page() { ++page_, at_ = 0; }

   private:
    const std::vector<PagePtr>& pages_;
    std::size_t page_ = 0, at_ = 0;
  };

  template <class Iterator>
  static Page merged(const Page& from, Iterator change, Iterator last) {
    Page out;
    out.reserve(from.size() + static_cast<std::size_t>(last - change));
    auto at = from.begin();
    for (; change != last; ++change) {
      while (at != from.end() && KeyOf{}(*at) < change->key) out.push_back(*at++);
      if (at != from.end() && KeyOf{}(*at) == change->key) ++at;
      if (change->value) out.push_back(std::move(*change->value));
    }
    out.insert(out.end(), at, from.end());
    return out;
  }

  void take(PagePtr page) {
    size_ += page->size();
    pages_.push_back(std::move(page));
  }

  void split(Page page) {
    if (page.empty()) return;
    if (page.size() <= kMost) return take(std::make_shared<const Page>(std::move(page)));
    const std::size_t parts = (page.size() + kFill - 1) / kFill;
    for (std::size_t i = 0; i < parts; ++i) {
      const auto from = page.begin() + static_cast<std::ptrdiff_t>(page.size() * i / parts);
      const auto to = page.begin() + static_cast<std::ptrdiff_t>(page.size() * (i + 1) / parts);
      take(std::make_shared<const Page>(from, to));
    }
  }

  std::vector<PagePtr> pages_;  // none of them empty
  std::size_t size_ = 0;
};

}  // namespace mcpr
