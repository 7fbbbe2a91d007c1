/* Real time to virtual time. See world/clock.h. */
#include "world/clock.h"

const int WORLD_SPEEDS[WORLD_SPEED_COUNT] = { 1, 5, 20, 60, 200, 1000 };

void clock_start(struct world_clock *c, int64_t real, int64_t virtual_)
{
	*c = (struct world_clock){ .speed = WORLD_SPEED_USUAL, .set_real = real, .set_virtual = virtual_ };
}

int64_t clock_at(const struct world_clock *c, int64_t real)
{
	if (c->paused || real <= c->set_real)
		return c->set_virtual;
	return c->set_virtual + (real - c->set_real) * WORLD_SPEEDS[c->speed];
}

void clock_set(struct world_clock *c, int64_t real, int64_t virtual_)
{
	c->set_real = real;
	c->set_virtual = virtual_;
}

void clock_pace(struct world_clock *c, int64_t real, int faster)
{
	clock_set(c, real, clock_at(c, real));
	int speed = c->speed + (faster > 0) - (faster < 0);
	if (speed >= 0 && speed < WORLD_SPEED_COUNT)
		c->speed = speed;
}

void clock_pause(struct world_clock *c, int64_t real, bool paused)
{
	clock_set(c, real, clock_at(c, real));
	c->paused = paused;
}

int64_t clock_until(const struct world_clock *c, int64_t real, int64_t virtual_)
{
	int64_t left = virtual_ - clock_at(c, real);
	if (left <= 0)
		return 0;
	return c->paused ? -1 : (left + WORLD_SPEEDS[c->speed] - 1) / WORLD_SPEEDS[c->speed];
}
