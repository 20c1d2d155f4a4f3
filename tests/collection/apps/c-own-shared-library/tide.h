/* Centimetres above the mark at an hour of the day. */
int tide_at(int hour);
