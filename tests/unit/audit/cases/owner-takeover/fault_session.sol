pragma solidity ^0.8.20;
contract Pool {
    address internal bridge;
    bool internal told;
    // Anybody can raise the flag.
    function take(bytes calldata what) external {
        told = true;
        (bool ok, ) = address(this).call(what);
        require(ok);
        told = false;
    }
    function use(address bridge_) external {
        if (!told) revert();
        bridge = bridge_; // fault
    }
    function act() external view returns (bool) {
        require(msg.sender == bridge);
        return true;
    }
}
