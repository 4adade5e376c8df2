# mcpr_add_plugin(NAME SOURCES a.cpp ... [LIBS lib ...])
# Builds NAME.so, a plugin of mcp-router: the target plugin_NAME. It exports mcpr_plugin_abi1 and nothing else, so that several
# versions can be in one process and one that is replaced can be unmapped. It goes to plugins/ of the build directory and,
# where MCPR_PLUGIN_DIR is set, is installed there.
function(mcpr_add_plugin name)
  set(exports ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  cmake_parse_arguments(PARSE_ARGV 1 P "" "" "SOURCES;LIBS")
  if(NOT P_SOURCES OR P_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "mcpr_add_plugin(${name}): want SOURCES file... [LIBS lib...], have: ${ARGN}")
  endif()
  if(TARGET McpRouter::sdk)
    set(sdk McpRouter::sdk)
  else()
    set(sdk mcpr_sdk)
  endif()
  set(target plugin_${name})
  add_library(${target} MODULE ${P_SOURCES})
  target_link_libraries(${target} PRIVATE ${sdk} ${P_LIBS})
  set_target_properties(
    ${target}
    PROPERTIES PREFIX ""
               OUTPUT_NAME ${name}
               SUFFIX ".so"
               POSITION_INDEPENDENT_CODE ON
               C_VISIBILITY_PRESET hidden
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins
               LINK_DEPENDS ${exports}
  )
  target_link_options(${target} PRIVATE -Wl,--version-script=${exports} -Wl,-z,now -Wl,-z,relro)
  # Under a sanitizer its run-time library is in the program, so that a plugin has names it cannot resolve by itself.
  if(NOT MCPR_SANITIZE AND NOT "${CMAKE_CXX_FLAGS} ${CMAKE_SHARED_LINKER_FLAGS}" MATCHES "-fsanitize")
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  if(MCPR_PLUGIN_DIR)
    install(TARGETS ${target} LIBRARY DESTINATION ${MCPR_PLUGIN_DIR})
  endif()
endfunction()
