/* What assembly must know of struct sf_lane; checked in engine.h. */
#ifndef SF_ENGINE_OFFSETS_H
#define SF_ENGINE_OFFSETS_H

#define SF_LANE_BUSY 16
#define SF_LANE_VFORK 20
#define SF_LANE_STRICT 24
#define SF_LANE_TID 28

#endif
