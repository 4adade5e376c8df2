#include "host/mcp/spans.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <vector>

namespace mcpr::mcp {

std::string apply(std::string_view text, std::span<const Edit> edits) {
  const std::less<const char*> before;  // defined also for pointers into different texts
  std::vector<const Edit*> ordered;
  ordered.reserve(edits.size());
  std::size_t size = text.size();
  for (const Edit& edit : edits) {
    ordered.push_back(&edit);
    size += edit.replacement.size();
  }
  // What is inserted before a part that is replaced comes first.
  std::ranges::stable_sort(ordered, [before](const Edit* a, const Edit* b) {
    if (a->where.data() != b->where.data()) return before(a->where.data(), b->where.data());
    return a->where.empty() && !b->where.empty();
  });

  std::string out;
  out.reserve(size);
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (const Edit* edit : ordered) {
    const char* from = edit->where.data();
    const bool fits =
        !before(from, at) && !before(end, from) && edit->where.size() <= static_cast<std::size_t>(end - from);
    assert(fits);
    if (!fits) continue;
    out.append(at, from).append(edit->replacement);
    at = from + edit->where.size();
  }
  return out.append(at, end);
}

}  // namespace mcpr::mcp
