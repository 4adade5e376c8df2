// mcp-router: the composition root.
#include <string_view>

#include "host/app/application.hpp"
#include "host/app/router.hpp"
#include "host/plugin/probe_child.hpp"

int main(int argc, char** argv) {
  // How the router tries a plugin out: no option for people.
  if (argc == 3 && std::string_view(argv[1]) == "--probe") return mcpr::plugin::probe_file(argv[2], MCPR_VERSION);
  const auto router = mcpr::app::make_router(MCPR_VERSION);
  return mcpr::app::run(argc, argv, *router,
                        {MCPR_VERSION, {"../lib/mcp-router/plugins", MCPR_PLUGIN_PATH, "../plugins", "plugins"}});
}
