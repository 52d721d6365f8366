pragma solidity ^0.5.0;

contract Sale {
    uint public sold;

    function check(uint amount) public { // fault
        require(amount < 100);
        sold += amount;
    }
}

contract Free {
    function check(uint amount) public {
        require(amount > 0);
    }
}

contract Token is Free, Sale {
    function buy(uint amount) public {
        check(amount);
    }
}
