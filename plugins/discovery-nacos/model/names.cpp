#include "names.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace mcpr::nacos {
namespace {

constexpr std::string_view kVersionsEnd = "-mcp-versions.json";

std::string in_namespace(const std::string& ns) { return ns == kPublic ? "" : " in namespace " + ns; }

std::array<unsigned char, 16> md5(std::string_view text) {
  std::array<unsigned char, 16> out{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), out.data(), &size, EVP_md5(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL does not provide MD5, which Nacos' documents are compared by");
  }
  return out;
}

std::string hex(const unsigned char* bytes, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += "0123456789abcdef"[bytes[i] >> 4U];
    out += "0123456789abcdef"[bytes[i] & 15U];
  }
  return out;
}

// '+' and '%' inside a part are written %2B and %25.
std::string unescape(std::string_view part) {
  std::string out;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const std::string_view code = part.substr(i, 3);
    if (code == "%2B" || code == "%25") {
      out += code == "%2B" ? '+' : '%';
      i += 2;
    } else {
      out += part[i];
    }
  }
  return out;
}

// Greedy with one point to fall back to: linear in practice, and never exponential.
bool glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find_first_of(separators);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// -1, 0, 1. Numbers of any length, without their leading zeros.
int compare_words(std::string_view a, std::string_view b) {
  if (is_number(a) && is_number(b)) {
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  } else if (is_number(a) != is_number(b)) {
    return is_number(a) ? 1 : -1;
  }
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

}  // namespace

std::string ServiceKey::str() const { return name + "@" + group + in_namespace(ns); }
std::string ConfigKey::str() const { return data_id + "@" + group + in_namespace(ns); }

std::string normal_namespace(std::string_view ns) { return std::string(ns.empty() ? kPublic : ns); }
std::string tenant_of(std::string_view ns) { return std::string(ns == kPublic ? "" : ns); }

std::string versions_document(std::string_view id) { return std::string(id) + std::string(kVersionsEnd); }
std::string server_document(std::string_view id, std::string_view version) {
  return std::string(id) + "-" + std::string(version) + "-mcp-server.json";
}
std::string tools_document(std::string_view id, std::string_view version) {
  return std::string(id) + "-" + std::string(version) + "-mcp-tools.json";
}

std::string_view id_of_versions_document(std::string_view data_id) {
  if (!data_id.ends_with(kVersionsEnd)) return {};
  data_id.remove_suffix(kVersionsEnd.size());
  return data_id;
}

std::optional<ConfigKey> parse_group_key(std::string_view group_key) {
  const std::vector<std::string_view> parts = split(group_key, "+");
  if (parts.size() < 2 || parts.size() > 3 || parts[0].empty() || parts[1].empty()) return {};
  return ConfigKey{parts.size() == 3 ? normal_namespace(unescape(parts[2])) : std::string(kPublic), unescape(parts[1]),
                   unescape(parts[0])};
}

std::string uuid_of_name(std::string_view name) {
  std::array<unsigned char, 16> bytes = md5(name);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x30U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);
  const std::string text = hex(bytes.data(), bytes.size());
  return text.substr(0, 8) + "-" + text.substr(8, 4) + "-" + text.substr(12, 4) + "-" + text.substr(16, 4) + "-" +
         text.substr(20);
}

std::string md5_hex(std::string_view text) {
  const std::array<unsigned char, 16> bytes = md5(text);
  return hex(bytes.data(), bytes.size());
}

std::optional<Reference> parse_reference(std::string_view text) {
  Reference out;
  const std::size_t at = text.find('@');
  out.name = text.substr(0, at);
  if (out.name.empty()) return {};
  if (at == std::string_view::npos) return out;
  text.remove_prefix(at + 1);
  const std::size_t slash = std::min(text.find('/'), text.size());
  out.group = text.substr(0, slash);
  out.path = text.substr(slash);
  if (out.group.empty() || out.group.find('@') != std::string::npos) return {};
  return out;
}

std::pair<std::string_view, std::string_view> split_version(std::string_view service) {
  const std::size_t at = service.rfind("::");
  if (at == std::string_view::npos || at == 0 || at + 2 == service.size()) return {service, {}};
  return {service.substr(0, at), service.substr(at + 2)};
}

bool newer_version(std::string_view a, std::string_view b) {
  const auto strip = [](std::string_view text) { return text.starts_with('v') ? text.substr(1) : text; };
  const std::vector<std::string_view> cores{strip(a).substr(0, strip(a).find('-')),
                                            strip(b).substr(0, strip(b).find('-'))};
  const std::vector<std::string_view> left = split(cores[0], "."), right = split(cores[1], ".");
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const int order = compare_words(i < left.size() ? left[i] : "0", i < right.size() ? right[i] : "0");
    if (order != 0) return order > 0;
  }
  const bool a_is_pre = a.find('-') != std::string_view::npos, b_is_pre = b.find('-') != std::string_view::npos;
  if (!a_is_pre || !b_is_pre) return !a_is_pre && b_is_pre;
  const std::vector<std::string_view> left_pre = split(a.substr(a.find('-') + 1), ".-");
  const std::vector<std::string_view> right_pre = split(b.substr(b.find('-') + 1), ".-");
  for (std::size_t i = 0; i < std::min(left_pre.size(), right_pre.size()); ++i) {
    const int order = compare_words(left_pre[i], right_pre[i]);
    if (order != 0) return order > 0;
  }
  return left_pre.size() > right_pre.size();
}

bool NameFilter::takes(std::string_view name) const {
  const auto matches = [&](const std::string& pattern) { return glob(pattern, name); };
  if (std::any_of(exclude.begin(), exclude.end(), matches)) return false;
  return include.empty() || std::any_of(include.begin(), include.end(), matches);
}

}  // namespace mcpr::nacos
