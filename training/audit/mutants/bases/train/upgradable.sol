// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract ProxySlot {
    bytes32 internal constant SLOT = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a33c33d1ab6f9b2d35;
    function _set(address impl) internal { bytes32 s = SLOT; assembly { sstore(s, impl) } }
    function _get() internal view returns (address impl) { bytes32 s = SLOT; assembly { impl := sload(s) } }
}

contract Upgradable is ProxySlot {
    address public owner;
    uint8 private version;
    mapping(address => bool) public modules;
    uint256 public limit;

    constructor() { version = 1; }
    modifier onlyOwner() { require(msg.sender == owner, "owner"); _; }
    modifier initializer() { require(version == 0, "again"); version = 1; _; }

    function initialize(address boss, uint256 top) external initializer { owner = boss; limit = top; }

    function upgradeTo(address impl) external onlyOwner { require(impl.code.length > 0); _set(impl); }

    function allow(address module, bool on) external onlyOwner { modules[module] = on; }

    function runModule(address module, bytes calldata data) external onlyOwner returns (bytes memory) {
        require(modules[module], "module");
        (bool ok, bytes memory out) = module.delegatecall(data);
        require(ok, "failed");
        return out;
    }

    function open(address module, bytes calldata data) external {
        require(modules[module], "module"); //- delegate-to-input
        (bool ok, ) = module.delegatecall(data);
        require(ok, "failed");
    }

    function setLimit(uint256 top) external onlyOwner { limit = top; }
    function destroy(address payable to) external onlyOwner { selfdestruct(to); }
}
