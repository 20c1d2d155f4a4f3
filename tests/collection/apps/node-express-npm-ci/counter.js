let visits = 0;
exports.next = () => ++visits;
