#include "auth/sign.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "model/json.hpp"
#include "model/names.hpp"

namespace mcpr::nacos {
namespace {

std::string first_of(const sdk::KeyValues& parameters, std::initializer_list<std::string_view> names) {
  for (const auto& [key, value] : parameters) {
    for (const std::string_view name : names) {
      if (key == name && !value.empty()) return value;
    }
  }
  return {};
}

std::string joined(std::string_view a, std::string_view separator, std::string_view b) {
  return std::string(a) + (a.empty() || b.empty() ? "" : std::string(separator)) + std::string(b);
}

}  // namespace

std::string hmac_sha1_base64(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (!HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
            text.size(), digest.data(), &size)) {
    throw std::runtime_error("HMAC-SHA1 is not to be had");
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE * 2> out;
  const int written = EVP_EncodeBlock(out.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(out.data()), static_cast<std::size_t>(written)};
}

Resource resource_of_path(std::string_view path, const sdk::KeyValues& parameters) {
  Resource out;
  out.kind = path.find("/ns/") != std::string_view::npos ? Resource::Kind::naming : Resource::Kind::config;
  out.ns = first_of(parameters, {"namespaceId", "tenant"});
  out.group = first_of(parameters, {"groupName", "group"});
  out.name = first_of(parameters, {"serviceName"});
  return out;
}

Resource resource_of_type(std::string_view type, const boost::json::object& body) {
  Resource out;
  const bool naming = type.find("Service") != std::string_view::npos ||
                      type.find("Instance") != std::string_view::npos || type.starts_with("Naming");
  out.kind = naming ? Resource::Kind::naming : Resource::Kind::config;
  out.ns = text_in(body, naming ? "namespace" : "tenant");
  if (out.ns.empty()) out.ns = text_in(body, "namespaceId");
  out.group = text_in(body, naming ? "groupName" : "group");
  out.name = text_in(body, "serviceName");
  if (const JsonArray* listened = array_in(body, "configListenContexts"); listened && !listened->empty()) {
    if (const JsonObject* first = listened->front().if_object()) {
      out.ns = text_in(*first, "tenant");
      out.group = text_in(*first, "group");
    }
  }
  return out;
}

sdk::KeyValues signature(const AccessKey& key, const Resource& resource, std::uint64_t now_ms) {
  if (key.empty()) return {};
  const std::string time = std::to_string(now_ms);
  if (resource.kind == Resource::Kind::naming) {
    const bool grouped =
        resource.group.empty() || resource.name.empty() || resource.name.find("@@") != std::string::npos;
    const std::string service = grouped ? resource.name : resource.group + "@@" + resource.name;
    const std::string data = joined(time, "@@", service);
    return {{"ak", key.access}, {"data", data}, {"signature", hmac_sha1_base64(key.secret, data)}};
  }
  const std::string data = joined(joined(resource.ns, "+", resource.group), "+", time);
  return {{"Spas-AccessKey", key.access}, {"Timestamp", time}, {"Spas-Signature", hmac_sha1_base64(key.secret, data)}};
}

}  // namespace mcpr::nacos
