pragma solidity ^0.5.0;

contract Sale {
    function check(uint amount) public { require(amount < 100); }
}

contract Free {
    function check(uint amount) public { require(amount > 0); }
}

contract Token is Free, Sale {
    function check(uint amount) public {
        Free.check(amount);
        Sale.check(amount);
    }
}
