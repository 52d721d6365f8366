contract Draw {
    address host;
    uint64 start;
    uint lucky = 4;

    struct Mix {
        uint one;
        uint two;
    }

    function Draw() {
        host = msg.sender;
    }

    function mix() {
        Mix m; // fault
        m.one = block.number;
        m.two = tx.gasprice * 9;
    }

    function play() payable {
        if (uint(sha3(msg.sender)) % 8 == lucky) {
            suicide(msg.sender);
        }
    }
}
