#pragma once

/// SHARED(type, name, count): an array of `count` elements that the threads of a block share; not
/// initialised. The one way to declare shared memory.
#ifndef SHARED
#define SHARED(type, name, count) __shared__ type name[count]
#endif
