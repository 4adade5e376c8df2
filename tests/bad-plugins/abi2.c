extern const unsigned mcpr_plugin_abi2[4];
const unsigned mcpr_plugin_abi2[4] = {16, 0, 0, 0};
