// redis://user:password@host:port/database, and rediss:// for TLS.
#pragma once

#include <string>
#include <string_view>

#include "host/config/settings.hpp"

namespace mcpr::config {

// Sets what the URL names. False, with the reason and without the URL (it may hold a password), where it is none.
bool apply_redis_url(std::string_view url, Settings::Redis& redis, std::string& why);

}  // namespace mcpr::config
