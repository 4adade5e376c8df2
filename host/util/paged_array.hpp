// An immutable array in pages that its versions share: a changed version copies the pages with changed elements and the
// short list of pages.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace mcpr {

template <class T>
class PagedArray {
 public:
  std::size_t size() const { return size_; }
  const T& operator[](std::size_t i) const { return (*pages_[i / kPage])[i % kPage]; }

  // Grows to what the changes name; elements that were never set are T{}.
  PagedArray changed(std::vector<std::pair<std::size_t, T>> changes) const {
    PagedArray out = *this;
    std::vector<std::shared_ptr<Page>> fresh(pages_.size());
    for (auto& [i, value] : changes) {
      const std::size_t page = i / kPage;
      if (page >= out.pages_.size()) {
        out.pages_.resize(page + 1);
        fresh.resize(page + 1);
      }
      if (!fresh[page]) {
        fresh[page] = out.pages_[page] ? std::make_shared<Page>(*out.pages_[page]) : std::make_shared<Page>();
        out.pages_[page] = fresh[page];
      }
      (*fresh[page])[i % kPage] = std::move(value);
      if (i >= out.size_) out.size_ = i + 1;
    }
    for (auto& page : out.pages_) {
      if (!page) page = std::make_shared<Page>();
    }
    return out;
  }

 private:
  static constexpr std::size_t kPage = 64;
  using Page = std::array<T, kPage>;
  std::vector<std::shared_ptr<const Page>> pages_;
  std::size_t size_ = 0;
};

}  // namespace mcpr
