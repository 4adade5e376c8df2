// Names as Nacos, its clients and people write them: keys, references, versions, patterns, forms.
#include <cstdint>
#include <string_view>

#include "plugins/discovery-nacos/model/names.hpp"
#include "plugins/discovery-nacos/sync/http_forms.hpp"
#include "tests/fuzz/check_service.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using mcpr::fuzz::require;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view a = text.substr(0, size / 2), b = text.substr(size / 2);
  if (const auto key = mcpr::nacos::parse_group_key(text)) {
    require(!key->data_id.empty() && !key->group.empty() && !key->ns.empty(), "a key has all its parts");
  }
  if (const auto reference = mcpr::nacos::parse_reference(text)) {
    require(!reference->name.empty(), "a reference has a name");
    require(reference->path.empty() || reference->path.front() == '/', "a path begins with a slash");
  }
  require(!(mcpr::nacos::newer_version(a, b) && mcpr::nacos::newer_version(b, a)), "versions have one order");
  require(!mcpr::nacos::newer_version(a, a), "a version is not newer than itself");
  const auto [name, version] = mcpr::nacos::split_version(text);
  require(version.empty() ? name == text : name.size() + 2 + version.size() == size, "nothing of a name is lost");
  const mcpr::nacos::NameFilter filter{{std::string(a)}, {}};
  filter.takes(b);
  require(mcpr::nacos::decode_form(text).size() <= size, "decoding makes nothing longer");
  return 0;
}
