<?php

namespace Probe;

final class Timer
{
}
