pragma solidity ^0.8.20;
contract Orders {
    address internal signer = msg.sender;
    function pay(address payable to, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 hash = keccak256(abi.encode(to, amount, address(this), block.chainid));
        address found = ecrecover(hash, v, r, s); // here
        require(found != address(0) && found == signer);
        to.transfer(amount);
    }
}
