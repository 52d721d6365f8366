pragma solidity ^0.8.0;

contract Router {
    function swap(address target, bytes calldata data) external payable {
        (bool ok, ) = target.call{value: msg.value}(data); // fault
        require(ok, "failed");
    }
}
