// mcp-router: the composition root.
#include "host/app/application.hpp"
#include "host/app/router.hpp"

int main(int argc, char** argv) {
  const auto router = mcpr::app::make_router(MCPR_VERSION);
  return mcpr::app::run(argc, argv, *router,
                        {MCPR_VERSION, {"../lib/mcp-router/plugins", MCPR_PLUGIN_PATH, "../plugins", "plugins"}});
}
