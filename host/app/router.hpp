// The router as the application runs it: puts control and data threads together from a configuration.
#pragma once

#include <memory>

#include "host/app/runtime.hpp"

namespace mcpr::app {

std::unique_ptr<Runtime> make_router(std::string version);

}  // namespace mcpr::app
