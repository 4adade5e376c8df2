// What MCPR_PLUGIN_UNLOADABLE promises: after a source was run and a command, nothing of the plugin stays in the
// process.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "host/plugin/host_table.hpp"
#include "tests/host/plugin/support.hpp"

namespace mcpr::plugin {
namespace {

mcpr_str text(std::string_view of) { return {of.data(), of.size()}; }

bool is_mapped(const std::string& name) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(name) != std::string::npos) return true;
  }
  return false;
}

struct Sink {
  mcpr_discovery_sink table{};
  std::atomic<int> published{0};
  std::promise<void> synced, stopped;

  Sink() {
    table.struct_size = sizeof table;
    table.ctx = this;
    table.publish = [](void* ctx, const mcpr_service*) -> mcpr_status {
      ++static_cast<Sink*>(ctx)->published;
      return MCPR_OK;
    };
    table.withdraw = [](void*, mcpr_str) {};
    table.synced = [](void* ctx) { static_cast<Sink*>(ctx)->synced.set_value(); };
    table.health = [](void*, std::int32_t, mcpr_str) {};
    table.complete = [](void* ctx, mcpr_op*, mcpr_status, const mcpr_service*, mcpr_str) {
      static_cast<Sink*>(ctx)->stopped.set_value();
    };
  }
};

TEST(SqliteUnload, NothingStays) {
  const test::Folder folder;
  const std::string file = folder.install("sqlite").string();
  const std::string database = (folder.root() / "x.db").string();
  ASSERT_FALSE(is_mapped("libsqlite3")) << "it would prove less";
  test::Host host;
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_TRUE(library) << ::dlerror();
  const auto* manifest = static_cast<const mcpr_plugin*>(::dlsym(library, "mcpr_plugin_abi1"));
  ASSERT_TRUE(manifest);
  EXPECT_TRUE(manifest->flags & MCPR_PLUGIN_UNLOADABLE);
  const std::string config = "{\"path\": \"" + database + "\"}";

  const auto* command = static_cast<const mcpr_command*>(manifest->get_extension(MCPR_EXT_COMMAND));
  const mcpr_str words[] = {text("add"), text("weather"), text("http://127.0.0.1:1/mcp"), text("--header"),
                            text("A: b")};
  const auto drop = [](void*, std::int32_t, mcpr_str) {};
  EXPECT_EQ(command->run(text(config), words, 5, drop, nullptr), 0);
  const mcpr_str list[] = {text("list"), text("--json")};
  EXPECT_EQ(command->run(text(config), list, 2, drop, nullptr), 0);

  const auto* factory = static_cast<const mcpr_discovery_factory*>(manifest->get_extension(MCPR_EXT_DISCOVERY));
  Sink sink;
  auto table = HostTable::make(host.services, "database");
  const mcpr_discovery* source = nullptr;
  host.run([&] {
    char buffer[256];
    mcpr_err error{buffer, sizeof buffer, 0};
    source = factory->create(table->c(), &sink.table, text(config), &error);
    ASSERT_TRUE(source) << std::string(buffer, error.size);
    EXPECT_EQ(source->start(source->self, &error), MCPR_OK);
  });
  sink.synced.get_future().get();
  EXPECT_EQ(sink.published, 1);
  host.run([&] { source->stop(source->self, nullptr); });
  sink.stopped.get_future().get();
  std::promise<void> idle;
  host.run([&] { table->close([&] { idle.set_value(); }); });
  idle.get_future().get();
  host.run([&] { source->destroy(source->self); });

  EXPECT_EQ(::dlclose(library), 0);
  EXPECT_FALSE(is_mapped(file));
  EXPECT_FALSE(is_mapped("libsqlite3"));
}

}  // namespace
}  // namespace mcpr::plugin
