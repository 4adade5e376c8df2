// What the admin listener shows, as JSON.
#pragma once

#include <boost/json/value.hpp>
#include <vector>

#include "host/catalog/merge.hpp"
#include "host/plugin/info.hpp"
#include "host/upstream/directory.hpp"

namespace mcpr::control {

boost::json::value show_plugins(const std::vector<plugin::PluginInfo>& plugins);
boost::json::value show_services(const catalog::Catalog& catalog);
// One service: what is used of it, and what each source says. Null where no source has it.
boost::json::value show_service(const catalog::Catalog& catalog, const upstream::Directory& directory,
                                const std::string& name, const std::vector<catalog::Merge::Statement>& statements);

}  // namespace mcpr::control
