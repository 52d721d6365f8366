pragma solidity ^0.8.0;

contract Relay {
    mapping(bytes32 => bool) done;

    function relay(address target, bytes calldata data, uint256 amount) external returns (bool) {
        bytes32 id = keccak256(abi.encode(target, data, amount));
        require(!done[id]);
        require(gasleft() * 63 / 64 > amount);
        done[id] = true;
        (bool ok, ) = target.call(data);
        return ok;
    }

    function pay(address to) external returns (bool ok) {
        require(!done[0]);
        done[0] = true;
        (ok, ) = to.call{value: 1}("");
    }
}
