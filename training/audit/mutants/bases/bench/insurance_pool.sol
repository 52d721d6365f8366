// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface IAssessor { function judge(uint256 id) external view returns (bool); }

contract InsurancePool {
    struct Claim { address who; uint256 sum; bool paid; }
    mapping(address => uint256) public premium;
    mapping(address => uint256) public stake;
    Claim[] public claims;
    address[] internal backers;
    IAssessor internal assessor;
    address internal manager;
    uint256 public pool;
    uint256 internal latch = 1;

    modifier noReentry() { require(latch == 1, "again"); latch = 2; _; latch = 1; }
    constructor(IAssessor a) { assessor = a; manager = msg.sender; }

    function back() external payable noReentry {
        require(backers.length < 64, "full");
        if (stake[msg.sender] == 0) backers.push(msg.sender);
        stake[msg.sender] += msg.value;
        pool += msg.value;
    }
    //= unbounded-loop: function backTiny() external payable { backers.push(msg.sender); stake[msg.sender] += msg.value; pool += msg.value; }

    function insure() external payable noReentry { premium[msg.sender] += msg.value; pool += msg.value; }

    function unback(uint256 sum) external noReentry {
        uint256 mine = stake[msg.sender];
        require(mine >= sum, "less");
        (bool ok, ) = payable(msg.sender).call{value: sum}("");
        require(ok, "sent");
        stake[msg.sender] = mine - sum;
        pool -= sum;
    }

    function demand(uint256 sum) external {
        require(premium[msg.sender] * 10 >= sum, "cover");
        claims.push(Claim(msg.sender, sum, false));
    }

    function pay(uint256 id) external noReentry {
        Claim storage c = claims[id];
        require(assessor.judge(id), "refused"); //- no-access-control
        require(!c.paid, "paid");
        c.paid = true;
        pool -= c.sum;
        (bool ok, ) = payable(c.who).call{value: c.sum}(""); //= unchecked-call: payable(c.who).send(c.sum); bool ok = true;
        require(ok, "sent");
    }

    function bonus() external payable noReentry {
        for (uint256 i = 0; i < backers.length; i++) {
            stake[backers[i]] += (msg.value * stake[backers[i]]) / pool; //= division-first: stake[backers[i]] += (msg.value / pool) * stake[backers[i]]; //= push-payment: (bool ok, ) = backers[i].call{value: (msg.value * stake[backers[i]]) / pool}(""); require(ok);
        }
        pool += msg.value;
    }

    function setAssessor(IAssessor next) external {
        require(msg.sender == manager, "manager");
        assessor = next;
    }
    function wind(address payable heir) external {
        require(msg.sender == manager, "manager");
        require(pool == 0, "funds"); //= balance-equality: require(address(this).balance == 0, "funds");
        selfdestruct(heir);
    }
}
