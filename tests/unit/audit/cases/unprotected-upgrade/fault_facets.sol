pragma solidity ^0.8.0;

contract Facets {
    mapping(bytes4 => address) private parts;

    function cut(bytes4 selector, address part) external {
        parts[selector] = part; // fault
    }

    fallback() external payable {
        (bool ok, ) = parts[msg.sig].delegatecall(msg.data);
        require(ok);
    }
}
