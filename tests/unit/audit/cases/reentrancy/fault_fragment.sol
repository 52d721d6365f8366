function collect(uint amount) public {
    if (Held[msg.sender] >= amount) {
        if (msg.sender.call.value(amount)()) { // fault
            Held[msg.sender] -= amount;
        }
    }
}
