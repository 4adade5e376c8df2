// Cuts elements out of a JSON array. Every element is passed in order; one that goes takes the comma and the space up
// to the next one that stays with it, the last ones the comma before them. All other bytes stay.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "host/mcp/spans.hpp"

namespace mcpr::mcp {

class ArrayCut {
 public:
  explicit ArrayCut(std::vector<Edit>& edits) : edits_(edits) {}

  void element(std::string_view element, bool goes) {
    const char* end = element.data() + element.size();
    if (goes) {
      if (!run_) run_ = element.data();
      run_end_ = end;
      return;
    }
    if (run_) cut(std::exchange(run_, nullptr), element.data());
    kept_ = end;
  }
  void finish() {  // the array has ended
    if (run_) cut(kept_ ? kept_ : run_, run_end_);
  }

 private:
  void cut(const char* from, const char* to) {
    edits_.push_back({std::string_view(from, static_cast<std::size_t>(to - from)), {}});
  }

  std::vector<Edit>& edits_;
  const char* kept_ = nullptr;     // where the last element that stays ends
  const char* run_ = nullptr;      // where the elements since then that go begin
  const char* run_end_ = nullptr;  // and end
};

}  // namespace mcpr::mcp
