// What the admin listener shows, as JSON.
#pragma once

#include <boost/json/value.hpp>
#include <vector>

#include "host/catalog/catalog.hpp"
#include "host/plugin/info.hpp"
#include "host/upstream/directory.hpp"

namespace mcpr::control {

boost::json::value show_plugins(const std::vector<plugin::PluginInfo>& plugins);
boost::json::value show_services(const catalog::Catalog& catalog, const upstream::Directory& directory);
boost::json::value show_service(const catalog::Catalog& catalog, const upstream::Directory& directory,
                                const std::string& name);

}  // namespace mcpr::control
