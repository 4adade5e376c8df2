// Signatures by access key, as the RAM plugin of Nacos' own client makes them (Aliyun MSE asks for them).
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <mcpr/abi.hpp>
#include <string>
#include <string_view>

namespace mcpr::nacos {

struct AccessKey {
  std::string access;
  std::string secret;
  bool empty() const { return access.empty(); }
};

// What a request is about; a part that it does not name is empty.
struct Resource {
  enum class Kind : std::uint8_t { naming, config };
  Kind kind = Kind::config;
  std::string ns, group, name;
  bool operator==(const Resource&) const = default;
};

Resource resource_of_path(std::string_view path, const sdk::KeyValues& parameters);
Resource resource_of_type(std::string_view type, const boost::json::object& body);

// The headers to add; none where there is no key.
sdk::KeyValues signature(const AccessKey& key, const Resource& resource, std::uint64_t now_ms);

std::string hmac_sha1_base64(std::string_view key, std::string_view text);

}  // namespace mcpr::nacos
