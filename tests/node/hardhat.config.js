// Mining is switched from automatic to every few milliseconds over RPC, by the test.
const simulated = {
  type: "edr-simulated",
  chainId: 31337,
  hardfork: "prague",
  allowBlocksWithSameTimestamp: true,
};

export default {
  networks: { default: simulated, node: simulated },
  paths: { artifacts: "./node_modules/.artifacts", cache: "./node_modules/.cache" },
};
