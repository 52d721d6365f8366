// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

contract Wallet_ {
    address public master;
    uint256 public cap;
    bool internal set_;
    mapping(address => bool) public plugins;

    error Nope();
    constructor() { set_ = true; }
    modifier initializer() { if (set_) revert Nope(); set_ = true; _; }
    modifier onlyMaster() { if (msg.sender != master) revert Nope(); _; }
    receive() external payable {}

    function initialize(address m, uint256 c) external initializer { master = m; cap = c; }
    function plug(address p, bool on) external onlyMaster { plugins[p] = on; }

    function viaPlugin(address p, bytes calldata data) external returns (bytes memory out) {
        if (!plugins[p]) revert Nope(); //- delegate-to-input
        bool ok;
        (ok, out) = p.delegatecall(data);
        if (!ok) revert Nope();
    }

    function spend(address payable to, uint256 sum) external onlyMaster {
        if (sum > cap) revert Nope();
        (bool ok, ) = to.call{value: sum}("");
        if (!ok) revert Nope();
    }

    function setCap(uint256 c) external onlyMaster { cap = c; }
    function setMaster(address m) external onlyMaster { if (m == address(0)) revert Nope(); master = m; }
    function kill(address payable heir) external onlyMaster { selfdestruct(heir); }
    //= no-access-control: function end() external { selfdestruct(payable(msg.sender)); }
    //= delegate-to-input: fallback(bytes calldata data) external payable returns (bytes memory) { (address to, bytes memory what) = abi.decode(data, (address, bytes)); (bool ok, bytes memory out) = to.delegatecall(what); require(ok); return out; }
}
