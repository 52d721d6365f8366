pragma solidity ^0.8.0;

interface Oracle {
    function price() external view returns (uint256);
}

contract Lender {
    address owner = msg.sender;
    Oracle public oracle;

    modifier mine() {
        require(msg.sender == owner);
        _;
    }

    function setOracle(Oracle next) external mine {
        oracle = next;
    }

    function worth(uint256 amount) external view returns (uint256) {
        return amount * oracle.price();
    }
}
