// What the admin listener answered, as tables for a terminal.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace mcpr::app {

// Columns as wide as their widest cell, the first row above a line's worth of space; text is cut at no column.
std::string table(const std::vector<std::vector<std::string>>& rows);

std::string plugins_table(const boost::json::value& plugins);
std::string sources_table(const boost::json::value& sources);
std::string services_table(const boost::json::value& services);
std::string service_page(const boost::json::value& service);  // one service, with what each source says of it

}  // namespace mcpr::app
