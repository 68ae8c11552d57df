// MKL, inside libtorch_cpu, takes its AVX-512 paths on every CPU that has them when this says yes.
// It must be visible to libtorch_cpu: the target consilience_torch exports it from each program.
extern "C" int mkl_serv_intel_cpu_true() { return 1; }
