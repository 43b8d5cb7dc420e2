import type { MessageTable } from "../../../src/protobuf/schema.js";

/** Which features and packages a run used: `TelemetryRecord` (field 11 of a record) and its parts. */
export const telemetryMessages: MessageTable = {
  TelemetryRecord: {
    importsInit: "1 Imports",
    importsFinish: "2 Imports",
    feature: "3 Feature",
    pythonVersion: "4 string",
    cliVersion: "5 string",
    huggingfaceVersion: "6 string",
    env: "8 Env",
    label: "9 Labels",
    deprecated: "10 Deprecated",
    coreVersion: "12 string",
    platform: "13 string",
    info: "200 RecordInfo",
  },
  Labels: { codeString: "1 string", repoString: "2 string", codeVersion: "3 string" },
  Feature: bools(`
    watch=1 finish=2 save=3 offline=4 resumed=5 grpc=6 metric=7 keras=8 sagemaker=9
    artifactIncremental=10 metaflow=11 prodigy=12 setInitName=13 setInitId=14 setInitTags=15
    setInitConfig=16 setRunName=17 setRunTags=18 setConfigItem=19 launch=20 torchProfilerTrace=21
    sb3=22 initReturnRun=24 lightgbmWandbCallback=25 lightgbmLogSummary=26 catboostWandbCallback=27
    catboostLogSummary=28 tensorboardLog=29 estimatorHook=30 xgboostWandbCallback=31
    xgboostOldWandbCallback=32 attach=33 tensorboardPatch=34 tensorboardSync=35 kfpWandbLog=36
    maybeRunOverwrite=37 kerasMetricsLogger=38 kerasModelCheckpoint=39 kerasWandbEvalCallback=40
    flowControlOverflow=41 sync=42 flowControlDisabled=43 flowControlCustom=44 openMetrics=46
    ultralyticsYolov8=47 syncTfevents=49 asyncUploads=50 openaiAutolog=51 langchainTracer=52
    cohereAutolog=53 hfPipelineAutolog=54 libC=56 libCpp=57 openaiFinetuning=58 diffusersAutolog=59
    lightningFabricLogger=60 setStepLog=61 setSummary=62 metricSummary=63 metricGoal=64
    metricHidden=65 metricStepSync=66 sharedMode=67 serverSideDerivedSummary=68 userProvidedLabel=69
    dcgmProfilingEnabled=70 forkMode=71 rewindMode=72 dspyCallback=73 finishTimeout=74
    finishTimeoutRaises=75 sync2=76 evalTable=77 table=78 incrementalTable=79
  `),
  Env: bools(`
    jupyter=1 kaggle=2 windows=3 m1Gpu=4 trainium=10 pex=11 colab=12 ipython=13 awsLambda=14
    amdGpu=15
  `),
  Deprecated: bools(`
    plots=5 initConfigIncludeKeys=7 initConfigExcludeKeys=8 artifactGetPath=11
    artifactmanifestentryName=12 apiArtifactVersions=13 artifactCollectionChangeType=14
    runDefineMetricCopy=15 runDisabled=16 runReinitBool=20 runUseArtifactUseAs=25 artifactUseAs=26
    artifactInitUseAs=27 kfpV1WandbLog=31 wandbApi=32
  `),
  Imports: bools(`
    torch=1 keras=2 tensorflow=3 fastai=4 sklearn=5 xgboost=6 catboost=7 lightgbm=8
    pytorchLightning=9 ignite=10 transformers=11 jax=12 metaflow=13 allennlp=14 autogluon=15
    autokeras=16 catalyst=18 deepchem=21 deepctr=22 pycaret=28 pytorchvideo=29 ray=30
    simpletransformers=31 skorch=32 spacy=33 flash=34 optuna=35 recbole=36 mmcv=37 mmdet=38
    torchdrug=39 torchtext=40 torchvision=41 elegy=42 detectron2=43 flair=44 flax=45 syft=46 TTS=47
    monai=48 huggingfaceHub=49 hydra=50 datasets=51 sacred=52 joblib=53 dask=54 paddleocr=56
    ppdet=57 paddleseg=58 paddlenlp=59 mmseg=60 mmocr=61 mmcls=62 timm=63 fairseq=64 deepchecks=65
    composer=66 sparseml=67 anomalib=68 zenml=69 colossalai=70 accelerate=71 merlin=72 nanodet=73
    segmentationModelsPytorch=74 sentenceTransformers=75 dgl=76 torchGeometric=77 jina=78 kornia=79
    albumentations=80 kerasCv=81 mmengine=82 diffusers=83 trl=84 trlx=85 langchain=86 llamaIndex=87
    stabilitySdk=88 prefect=89 prefectRay=90 pinecone=91 chromadb=92 weaviate=93 promptlayer=94
    openai=95 cohere=96 anthropic=97 peft=98 optimum=99 evaluate=100 langflow=101 kerasCore=102
    lightningFabric=103 curatedTransformers=104 orjson=105 lightning=106 dspy=107
  `),
};

/** A message whose fields are all bool, from `name=number` pairs. */
function bools(pairs: string): { [field: string]: string } {
  const fields: { [field: string]: string } = {};
  for (const pair of pairs.trim().split(/\s+/)) {
    const [name, number] = pair.split("=") as [string, string];
    fields[name] = `${number} bool`;
  }
  return fields;
}
